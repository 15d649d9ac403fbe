using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Game.World;
using P2P.Pastry;

namespace Game;

/// <summary>Reads the command line.</summary>
internal static class GameCommand
{
    private const int BotsMax = 200;

    private const int RateMax = 60;

    public static RootCommand Create()
    {
        var name = new Option<string>("--name") { Description = "Your name in the game.", DefaultValueFactory = _ => Environment.UserName };
        var world = new Option<string>("--world") { Description = "The world to play in: who names the same one meets.", DefaultValueFactory = _ => "commons" };
        var join = new Option<NodeAddress?>("--join") { Description = "Where somebody plays already, as host:port; default a new ring.", CustomParser = ReadAddress };
        var listen = new Option<NodeAddress?>("--listen") { Description = "Where others reach this process, as host:port; default a free port of this machine only.", CustomParser = ReadAddress };
        var bots = Number("--bots", "How many ships fly by themselves, each a player with a node of its own.", 0, 0, BotsMax);
        var rate = Number("--rate", "How often a second each ship says how it flies.", 20, 1, RateMax);
        var port = Number("--port", "The port of the page, on this machine only; default a free one.", 0, 0, ushort.MaxValue);
        var open = new Option<bool>("--open") { Description = "Open the page in the browser." };
        var unattended = new Option<bool>("--unattended") { Description = "Nobody plays here, and there is no page: only bots." };
        var seconds = new Option<double?>("--seconds") { Description = "Stop after so many seconds, and say what was measured in them." };
        var json = new Option<bool>("--json") { Description = "Say what was measured as one line of JSON, at the end." };
        var everything = new Option<bool>("--everything") { Description = "No areas of interest: hear all of the map." };
        var compare = new Option<bool>("--compare") { Description = "Measure bots with areas of interest and then without; ends with one line of JSON." };
        var at = new Option<Vector?>("--at") { Description = "Where to begin, as x,y, pointing to the right; default anywhere.", CustomParser = ReadPlace };
        var root = new RootCommand("Small ships that shoot at each other, without a server: each player is a node of a ring, and each area of the map a group.")
        {
            name, world, join, listen, bots, rate, port, open, unattended, seconds, json, everything, compare, at,
        };
        root.SetAction((arguments, cancellationToken) =>
        {
            var settings = new Settings
            {
                Name = arguments.GetValue(name)!,
                World = arguments.GetValue(world)!,
                Bots = arguments.GetValue(bots),
                Rate = arguments.GetValue(rate),
                Listen = arguments.GetValue(listen) ?? new NodeAddress("127.0.0.1", 0),
                Join = arguments.GetValue(join),
                Port = arguments.GetValue(port),
                Opens = arguments.GetValue(open),
                IsUnattended = arguments.GetValue(unattended),
                Duration = arguments.GetValue(seconds) is { } span ? TimeSpan.FromSeconds(Math.Clamp(span, 1, 86_400)) : null,
                IsJson = arguments.GetValue(json),
                IsEverything = arguments.GetValue(everything),
                Compares = arguments.GetValue(compare),
                Start = arguments.GetValue(at),
            };
            return settings.Compares ? Comparison.RunAsync(settings, cancellationToken) : Match.RunAsync(settings, cancellationToken);
        });
        return root;
    }

    private static Option<int> Number(string name, string description, int usual, int min, int max)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < min || value > max))
            {
                result.AddError($"{name} is {value}; it must be {min} to {max}.");
            }
        });
        return option;
    }

    private static NodeAddress? ReadAddress(ArgumentResult result)
    {
        if (NodeAddress.TryParse(result.Tokens[0].Value, null, out var address))
        {
            return address;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no address: host:port is expected, such as 192.0.2.1:4000.");
        return null;
    }

    private static Vector? ReadPlace(ArgumentResult result)
    {
        if (result.Tokens[0].Value.Split(',') is [var x, var y]
            && double.TryParse(x, NumberStyles.Float, CultureInfo.InvariantCulture, out var across) && across is >= 0 and < Map.Width
            && double.TryParse(y, NumberStyles.Float, CultureInfo.InvariantCulture, out var down) && down is >= 0 and < Map.Height)
        {
            return new Vector(across, down);
        }

        result.AddError($"'{result.Tokens[0].Value}' is no place: x,y is expected, from 0,0 to {Map.Width - 1},{Map.Height - 1}.");
        return null;
    }
}
