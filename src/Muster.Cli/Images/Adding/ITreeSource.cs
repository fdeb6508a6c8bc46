using Muster.Core.Trees;

namespace Muster.Cli.Images.Adding;

/// <summary>A tree that becomes an image, and where the content of its files is: a directory, or an archive.</summary>
internal interface ITreeSource : IDisposable
{
    Tree Tree { get; }

    /// <summary>What a careful person should know of the tree before it becomes an image.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>Opens the content of a file of the tree for reading from any thread. Fails if it is no longer what the tree says.</summary>
    IFileContent Open(in WantedFile file);
}

/// <summary>The content of one file.</summary>
internal interface IFileContent : IDisposable
{
    /// <summary>Fills the buffer from a position; less only at the end.</summary>
    void Read(long offset, Span<byte> buffer);
}

/// <summary>A file whose content must be sent: the first path under which the tree has it.</summary>
internal readonly record struct WantedFile(TreePath Path, TreeEntry Entry);
