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
try
{
    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
    await node.WhenReadyAsync(patience.Token);
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine($"Nobody answers at {string.Join(", ", options.Bootstraps)}: is the chat still there?");
    return 1;
}

Console.WriteLine($"Who wants to invite you somewhere needs your key: {Convert.ToBase64String(scribe.PublicKey.Encoded.AsSpan())}");
using var creator = SigningKey.Create();
var id = args.Length == 3 ? GroupId.Parse(args[2]) : GroupId.Compute("chat", creator.PublicKey);
if (args.Length == 1)
{
    if (await scribe.CreateAsync("chat", creator) is not CreateResult.Created)
    {
        Console.Error.WriteLine("The chat could not begin.");
        return 1;
    }

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
    await (line.StartsWith("/play ") ? PlayAsync(line[6..].Trim()) : SayAsync(line));
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
    try
    {
        await Live.PlayAsync(group, path);
    }
    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
    {
        Console.Error.WriteLine($"(can't play {path}: {exception.Message})");
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
