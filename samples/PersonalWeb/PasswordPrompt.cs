using P2P.YouServ;
using Spectre.Console;

namespace PersonalWeb;

/// <summary>Asks for a password without showing it; where nobody is there to ask, takes the first line of the standard input.</summary>
internal static class PasswordPrompt
{
    public static string Ask(string what) => Console.IsInputRedirected
        ? Console.In.ReadLine() ?? throw new YouServException($"{what} was expected as a line of the standard input.")
        : AnsiConsole.Prompt(new TextPrompt<string>($"{what}:").Secret());
}
