using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Architecture.Tests;

/// <summary>Prints what an assembly offers to others, as C#, in an order that does not depend on the sources.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var space in assembly.GetExportedTypes().Where(type => !type.IsNested).GroupBy(type => type.Namespace).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.AppendLine().AppendLine(Invariant($"namespace {space.Key}"));
            foreach (var type in space.OrderBy(type => type.Name, StringComparer.Ordinal))
            {
                Print(type, text, "    ");
            }
        }

        return text.ToString().TrimStart();
    }

    /// <summary>Lists the types that stand in the signatures of what an assembly offers, each with the member that names it.</summary>
    public static IEnumerable<(Type Type, string By)> TypesNamedBy(Assembly assembly) =>
        from type in assembly.GetExportedTypes()
        from named in Bases(type).Select(part => (Named: part, By: type.Name))
            .Concat(type.GetFields(Declared).Where(field => IsVisible(field.Attributes)).Select(field => (Named: field.FieldType, By: Name(field))))
            .Concat(type.GetMethods(Declared).Where(IsVisible).Select(method => (Named: method.ReturnType, By: Name(method))))
            .Concat(
                from method in ((MethodBase[])[.. type.GetMethods(Declared), .. type.GetConstructors(Declared)]).Where(IsVisible)
                from part in method.GetParameters().Select(parameter => parameter.ParameterType).Concat(method.IsGenericMethod ? method.GetGenericArguments() : [])
                select (Named: part, By: Name(method)))
        from part in Parts(named.Named)
        select (part, named.By);

    private static IEnumerable<Type> Bases(Type type) => [.. type.BaseType is { } parent ? [parent] : Type.EmptyTypes, .. type.GetInterfaces(), .. type.GetGenericArguments()];

    private static string Name(MemberInfo member) => $"{member.DeclaringType!.Name}.{member.Name}";

    /// <summary>Takes a type apart: what it is an array or a reference of, what it is generic over and constrained to.</summary>
    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericParameter ? type.GetGenericParameterConstraints().SelectMany(Parts)
        : [type, .. type.GenericTypeArguments.SelectMany(Parts)];

    private static void Print(Type type, StringBuilder text, string indent)
    {
        text.AppendLine().AppendLine(indent + Signatures.Of(type));
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return;
        }

        foreach (var line in type.IsEnum ? EnumValues(type) : Members(type))
        {
            text.AppendLine(Invariant($"{indent}    {line}"));
        }

        foreach (var nested in type.GetNestedTypes(Declared).Where(IsVisible).OrderBy(nested => nested.Name, StringComparer.Ordinal))
        {
            Print(nested, text, indent + "    ");
        }
    }

    private static IEnumerable<string> EnumValues(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => Invariant($"{field.Name} = {field.GetRawConstantValue()}"));

    private static IEnumerable<string> Members(Type type) =>
    [
        .. Sorted(type.GetFields(Declared).Where(field => IsVisible(field.Attributes)), Signatures.Of),
        .. Sorted(type.GetConstructors(Declared).Where(IsVisible), Signatures.Of),
        .. Sorted(type.GetProperties(Declared).Where(property => property.GetAccessors(nonPublic: true).Any(IsVisible) && !IsGenerated(property)), Signatures.Of),
        .. Sorted(type.GetEvents(Declared).Where(change => IsVisible(change.AddMethod!)), Signatures.Of),
        .. Sorted(type.GetMethods(Declared).Where(method => IsVisible(method) && !IsGenerated(method) && !IsAccessor(method)), Signatures.Of),
    ];

    private static IEnumerable<string> Sorted<T>(IEnumerable<T> members, Func<T, string> signature)
        where T : MemberInfo =>
        members.Select(member => (member.Name, Text: signature(member)))
            .OrderBy(member => member.Name, StringComparer.Ordinal)
            .ThenBy(member => member.Text, StringComparer.Ordinal)
            .Select(member => member.Text);

    private static bool IsVisible(Type type) => type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem;

    private static bool IsVisible(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    internal static bool IsVisible(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    /// <summary>What the compiler adds to records is said by the word record.</summary>
    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || member.Name == "EqualityContract";

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
