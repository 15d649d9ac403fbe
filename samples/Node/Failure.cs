using P2P.Past;
using P2P.Pastry;

namespace NodeSample;

/// <summary>Says in one line on stderr what went wrong.</summary>
internal static class Failure
{
    /// <summary>Tells whether an exception is about the world rather than a fault of this program.</summary>
    public static bool IsExpected(Exception exception) =>
        exception is FailedException or PastryException or PastException or IOException or UnauthorizedAccessException;

    public static async Task<int> ReportAsync(int exitCode, string message)
    {
        await Console.Error.WriteLineAsync($"error: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
