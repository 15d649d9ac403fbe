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
    await (line.StartsWith("/play ") ? PlayAsync(line[6..]) : SayAsync(line));
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

async Task PlayAsync(string path)
{
    await using var file = File.OpenRead(path);
    await Live.PlayAsync(group, file, bytesPerSecond: 100_000, TimeProvider.System);
}

async Task ReadAsync()
{
    await using var target = new FileStream($"{args[0]}.live", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 });
    var listener = new Live.Listener(target);
    await foreach (var happened in group.EventsAsync())
    {
        switch (happened)
        {
            case GroupEvent.Received { Message: { Class: DeliveryClass.BestEffort } piece }:
                await listener.TakeAsync(piece.Content);
                break;
            case GroupEvent.Received { Message: var message }:
                Console.WriteLine(Encoding.UTF8.GetString(message.Content.Span));
                break;
            default:
                Console.WriteLine("(some of what was said is lost)");
                break;
        }
    }
}
