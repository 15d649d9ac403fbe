using System.Runtime.CompilerServices;

namespace NativeSmoke;

/// <summary>Holds a step to what it claims.</summary>
internal static class Claims
{
    public static void Hold(bool claim, [CallerArgumentExpression(nameof(claim))] string text = "")
    {
        if (!claim)
        {
            throw new InvalidOperationException($"It does not hold that {text}.");
        }
    }
}
