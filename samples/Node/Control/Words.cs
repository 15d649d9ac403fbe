using System.Text.Json;

namespace NodeSample.Control;

/// <summary>Says the values of enumerations as the rest of the JSON is written.</summary>
internal static class Words
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
