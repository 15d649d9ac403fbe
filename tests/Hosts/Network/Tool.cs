using System.Diagnostics;

namespace Hosts.Network;

/// <summary>Runs the system's tools for networks.</summary>
internal static class Tool
{
    /// <summary>Runs a command to its end, and gives what it said.</summary>
    /// <exception cref="ToolException">It is not there, or it failed.</exception>
    public static string Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? output
                : throw new ToolException($"'{tool} {string.Join(' ', arguments)}' failed: {errors.Result.Trim().ReplaceLineEndings(" ")}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new ToolException($"'{tool}' can't be run: {exception.Message}");
        }
    }
}

/// <summary>Tells that a tool is missing, or has refused.</summary>
internal sealed class ToolException(string message) : Exception(message);
