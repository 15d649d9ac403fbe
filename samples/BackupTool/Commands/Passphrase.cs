using System.CommandLine;
using Spectre.Console;

namespace BackupTool.Commands;

/// <summary>Gets the passphrase from where the user keeps it, or asks for it.</summary>
internal static class Passphrase
{
    /// <param name="arguments">The command line.</param>
    /// <param name="isNew">Whether it is chosen now, and so asked for twice.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">There is none.</exception>
    public static async Task<string> GetAsync(ParseResult arguments, bool isNew, CancellationToken cancellationToken)
    {
        var passphrase = arguments.GetValue(CommonOptions.PassphraseFile) is { } file
            ? await ReadAsync(file, cancellationToken)
            : Environment.GetEnvironmentVariable(CommonOptions.PassphraseVariable) ?? Ask(isNew);
        return passphrase.Length > 0 ? passphrase : throw new BackupException(ExitCode.Usage, "The passphrase is empty.");
    }

    private static async Task<string> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = file.OpenText();
            return await reader.ReadLineAsync(cancellationToken) ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BackupException(ExitCode.Usage, $"The passphrase can't be read from '{file}': {exception.Message}", exception);
        }
    }

    private static string Ask(bool isNew)
    {
        if (Console.IsInputRedirected)
        {
            throw new BackupException(ExitCode.Usage, $"There is nobody to ask for the passphrase: set {CommonOptions.PassphraseVariable}, or name a file with {CommonOptions.PassphraseFile.Name}.");
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var passphrase = console.Prompt(new TextPrompt<string>("Passphrase:").Secret(null));
        return !isNew || console.Prompt(new TextPrompt<string>("Once more:").Secret(null)) == passphrase
            ? passphrase
            : throw new BackupException(ExitCode.Usage, "Those were two different passphrases.");
    }
}
