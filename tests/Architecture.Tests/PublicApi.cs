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
