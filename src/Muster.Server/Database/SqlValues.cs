using System.Data;
using Dapper;
using Muster.Core.Ids;
using Npgsql;
using NpgsqlTypes;

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
            SqlMapper.RemoveTypeMap(typeof(Guid));
            SqlMapper.RemoveTypeMap(typeof(Guid?));
            SqlMapper.AddTypeHandler(typeof(Guid), new GuidHandler());
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

    // PostgreSQL has a type for these, and wants to hear it also of one that is missing; SQLite keeps them as text, in lower case so
    // that people can search for them.
    private static void Set(IDbDataParameter parameter, Guid? value)
    {
        if (parameter is NpgsqlParameter typed)
        {
            typed.NpgsqlDbType = NpgsqlDbType.Uuid;
            typed.Value = value is { } given ? given : DBNull.Value;
        }
        else
        {
            parameter.Value = value is { } given ? given.ToString() : DBNull.Value;
        }
    }

    private static Guid Get(object value) => value as Guid? ?? Guid.Parse((string)value);

    private sealed class GuidHandler : SqlMapper.ITypeHandler
    {
        public object Parse(Type destinationType, object value) => Get(value);

        public void SetValue(IDbDataParameter parameter, object value) => Set(parameter, value as Guid?);
    }

    private sealed class IdHandler<TKind> : SqlMapper.ITypeHandler
        where TKind : IIdKind
    {
        public object Parse(Type destinationType, object value) => new Id<TKind>(Get(value));

        public void SetValue(IDbDataParameter parameter, object value) => Set(parameter, value is Id<TKind> id ? id.Value : null);
    }
}
