using System.Text;
using Chat;
using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe;

if (args.Length is not (1 or 3))
{
    Console.Error.WriteLine("Usage: chat <your name>                    begins a chat, and says how others come in");
    Console.Error.WriteLine("       chat <your name> <address> <group>  comes in");
    return 2;
}

var scribe = new ScribeNode();
var options = new PastryNodeOptions { Modules = { scribe }, Transport = () => new TcpTransport(new() { Listen = [new NodeAddress("127.0.0.1", 0)] }) };
if (args.Length == 3)
{
    options.Bootstraps.Add(NodeAddress.Parse(args[1]));
}

await using var node = await PastryNode.StartAsync(options);
await node.WhenReadyAsync();

using var creator = SigningKey.Create();
var id = args.Length == 3 ? GroupId.Parse(args[2]) : GroupId.Compute("chat", creator.PublicKey);
if (args.Length == 1)
{
    await scribe.CreateAsync("chat", creator);
    Console.WriteLine($"Others come in with: chat <name> {node.Handle.Address} {id}");
}

if (await scribe.JoinAsync(id, new() { HistoryCount = 20 }) is not JoinResult.Joined { Group: var group })
{
    Console.Error.WriteLine($"There is no group {id} in this ring, or nobody answers.");
    return 1;
}

var reading = ReadAsync();
await SayAsync("is here.");
while (await Console.In.ReadLineAsync() is { } line)
{
    await (line.StartsWith("/play ") ? Live.PlayAsync(group, line[6..]) : SayAsync(line));
}

await SayAsync("leaves.");
await group.DisposeAsync();
await reading;
return 0;

async Task SayAsync(string text)
{
    if (await group.PublishAsync(Encoding.UTF8.GetBytes($"{args[0]}: {text}")) is not PublishResult.Published)
    {
        Console.Error.WriteLine("(perhaps not everybody got that)");
    }
}

async Task ReadAsync()
{
    var radio = Live.Listener.To($"{args[0]}.live");
    await foreach (var happened in group.EventsAsync())
    {
        if (!await radio.TryTakeAsync(happened))
        {
            Console.WriteLine(happened is GroupEvent.Received { Message: var said } ? Encoding.UTF8.GetString(said.Content.Span) : "(some of what was said is lost)");
        }
    }
}
