using System.CommandLine;
using System.Globalization;

namespace PaperFigures.Experiments;

/// <summary>Is an option with a number that is written the same way everywhere, whatever the machine's habits are: 0.5, not 0,5.</summary>
internal sealed class NumberOption : Option<double>
{
    public NumberOption(string name, string description, double value)
        : base(name)
    {
        Description = description;
        DefaultValueFactory = _ => value;
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                result.AddError($"{name} is '{text}'; it must be a number such as 0.5.");
            }

            return number;
        };
    }
}
