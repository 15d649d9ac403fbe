using System.CommandLine;
using Microsoft.Extensions.Configuration;

namespace NodeSample.Settings;

/// <summary>
/// Is one setting of the node under its three names: <c>LeafSetSize</c> in a file, <c>P2P_LEAFSETSIZE</c> in the environment and
/// <c>--leaf-set-size</c> on the command line.
/// </summary>
internal abstract class Setting
{
    protected Setting(string key, string valueName, string description, string defaultText, bool isList)
    {
        Key = key;
        DefaultText = defaultText;
        Option = new Option<string[]>("--" + string.Concat(key.Select((letter, i) => char.IsUpper(letter) && i > 0 ? "-" + letter : $"{letter}")).ToLowerInvariant())
        {
            Description = $"{description} Default: {(defaultText.Length > 0 ? defaultText : "none")}.",
            HelpName = valueName,
            Arity = isList ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne,
            CustomParser = result => [.. result.Tokens.Select(token => token.Value)],
        };
    }

    public string Key { get; }

    public Option<string[]> Option { get; }

    protected string DefaultText { get; }

    /// <summary>Gives what the command line says, or null where it says nothing. Several values become a list separated by commas.</summary>
    public string? ValueFrom(ParseResult arguments) =>
        arguments.GetResult(Option) is { Implicit: false } ? string.Join(',', arguments.GetValue(Option) ?? []) : null;
}

/// <summary>Is a setting whose values have a type.</summary>
/// <param name="key">Its name in a file.</param>
/// <param name="valueName">What help calls its value.</param>
/// <param name="description">What it does.</param>
/// <param name="defaultText">Its value where nobody sets it, as one would write it.</param>
/// <param name="parse">Reads a value; throws <see cref="FormatException"/>, whose message says what is expected.</param>
/// <param name="isList">True where it may be given several times.</param>
internal sealed class Setting<T>(string key, string valueName, string description, string defaultText, Func<string, T> parse, bool isList = false)
    : Setting(key, valueName, description, defaultText, isList)
{
    /// <exception cref="UsageException">The value can't be read.</exception>
    public T Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Key);
        var text = section.Value ?? (section.GetChildren().Any() ? string.Join(',', section.GetChildren().Select(item => item.Value)) : DefaultText);
        try
        {
            return parse(text);
        }
        catch (FormatException exception)
        {
            throw new UsageException($"{Option.Name}: {exception.Message}");
        }
    }
}
