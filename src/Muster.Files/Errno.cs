using System.ComponentModel;
using System.Runtime.InteropServices;
using Muster.Core.Problems;

namespace Muster.Files;

/// <summary>The kernel's error numbers that we tell apart, and the problem each becomes.</summary>
public static class Errno
{
    public const int EPERM = 1, ENOENT = 2, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, EBADF = 9, EAGAIN = 11, ENOMEM = 12, EACCES = 13,
        EBUSY = 16, EEXIST = 17, EXDEV = 18, ENODEV = 19, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ENFILE = 23, EMFILE = 24,
        ENOTTY = 25, ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, EROFS = 30, EMLINK = 31, ERANGE = 34, ENAMETOOLONG = 36, ENOSYS = 38,
        ENOTEMPTY = 39, ELOOP = 40, ENODATA = 61, EOVERFLOW = 75, EOPNOTSUPP = 95, ESTALE = 116, EUCLEAN = 117, EDQUOT = 122;

    /// <summary>The error number behind a problem, or 0 where no system call failed.</summary>
    public static int Of(Exception problem)
        => problem.InnerException is Win32Exception cause ? cause.NativeErrorCode : 0;

    internal static ProblemException Problem(int errno, string verb, string what)
    {
        var (kind, code) = errno switch
        {
            ENOENT => (ProblemKind.NotFound, "file.missing"),
            EPERM or EACCES => (ProblemKind.Denied, "file.denied"),
            EROFS => (ProblemKind.Denied, "file.read-only"),
            EEXIST or ENOTEMPTY => (ProblemKind.Conflict, "file.exists"),
            ENOTDIR or EISDIR or ELOOP or EXDEV or ENXIO => (ProblemKind.Conflict, "file.kind"),
            ENOSPC or EDQUOT => (ProblemKind.Full, "file.full"),
            EMLINK or E2BIG or EFBIG or ENAMETOOLONG or EOVERFLOW => (ProblemKind.Invalid, "file.limit"),
            EINVAL or ENOSYS or EOPNOTSUPP or ENOTTY or ENODEV => (ProblemKind.Invalid, "file.unsupported"),
            EIO or EUCLEAN => (ProblemKind.Unavailable, "file.input-output"),
            EAGAIN or EBUSY or ETXTBSY or ENOMEM or EMFILE or ENFILE or ESTALE => (ProblemKind.Unavailable, "file.busy"),
            _ => (ProblemKind.Bug, "file.unexpected"),
        };
        var cause = new Win32Exception(errno, Marshal.GetPInvokeErrorMessage(errno));
        return new ProblemException(kind, code, $"cannot {verb} {what}: {cause.Message}", cause);
    }
}
