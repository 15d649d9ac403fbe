using System.Reflection;

namespace Architecture.Tests;

/// <summary>Writes the names of types as C# does, without their namespaces.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(char)] = "char",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    /// <summary>Gives the name without generic arguments.</summary>
    public static string Simple(Type type) => type.Name.Split('`')[0];

    /// <summary>Gives the name as it stands in the type's own declaration.</summary>
    public static string Own(Type type) => Own(type, Array.ConvertAll(type.GetGenericArguments(), Of));

    public static string Of(Type type) => Of(type, Array.ConvertAll(type.GetGenericArguments(), Of));

    /// <summary>Gives the name with the question marks that the sources have.</summary>
    public static string Of(NullabilityInfo info)
    {
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Of(underlying)}?";
        }

        var name = type.IsArray && info.ElementType is { } element ? $"{Of(element)}[]"
            : info.GenericTypeArguments.Length > 0 ? Of(type, Array.ConvertAll(info.GenericTypeArguments, Of))
            : Of(type);
        var isNullable = !type.IsValueType && (info.ReadState == NullabilityState.Nullable || info.WriteState == NullabilityState.Nullable);
        return isNullable ? $"{name}?" : name;
    }

    private static string Of(Type type, string[] arguments)
    {
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsArray || type.IsByRef)
        {
            return Of(type.GetElementType()!) + (type.IsArray ? "[]" : "");
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Of(underlying)}?";
        }

        if (type.IsGenericType && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal))
        {
            return $"({string.Join(", ", arguments)})";
        }

        var own = Own(type, arguments);
        return type is { IsNested: true, IsGenericParameter: false } ? $"{Simple(type.DeclaringType!)}.{own}" : own;
    }

    private static string Own(Type type, string[] arguments) =>
        type.Name.Contains('`', StringComparison.Ordinal) ? $"{Simple(type)}<{string.Join(", ", arguments)}>" : type.Name;
}
