using System.Data;
using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Core.Ids;

namespace Muster.Server.Database;

/// <summary>How our own types lie in columns: times as microseconds since 1970, ids as their text.</summary>
internal static class SqlValues
{
    private static readonly Lock Once = new();
    private static bool registered;

    public static void Register()
    {
        lock (Once)
        {
            if (registered)
            {
                return;
            }

            registered = true;
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
            SqlMapper.AddTypeHandler(new TimeHandler());
            foreach (var kind in typeof(IIdKind).Assembly.GetExportedTypes().Where(type => type.IsValueType && type.IsAssignableTo(typeof(IIdKind))))
            {
                SqlMapper.AddTypeHandler(typeof(Id<>).MakeGenericType(kind), (SqlMapper.ITypeHandler)Activator.CreateInstance(typeof(IdHandler<>).MakeGenericType(kind))!);
            }
        }
    }

    private sealed class TimeHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => DateTimeOffset.UnixEpoch.AddTicks((long)value * TimeSpan.TicksPerMicrosecond);

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = (value - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        }
    }

    // PostgreSQL has a type for these; SQLite keeps them as text, in lower case so that people can search for them.
    private sealed class IdHandler<TKind> : SqlMapper.TypeHandler<Id<TKind>>
        where TKind : IIdKind
    {
        public override Id<TKind> Parse(object value) => new(value as Guid? ?? Guid.Parse((string)value));

        public override void SetValue(IDbDataParameter parameter, Id<TKind> value) =>
            parameter.Value = parameter is SqliteParameter ? value.Value.ToString() : value.Value;
    }
}
