using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Hosting;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace YouServ.Tests.Replication;

/// <summary>Answers as an owner's peer does, from files in memory, and may be made to lie.</summary>
internal sealed class ScriptedOwner : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ScriptedOwner()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    /// <summary>The site, by paths.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public SharedRules Rules { get; set; } = new();

    public string Origin { get; set; } = "here";

    /// <summary>What a folder is said to hold, in place of what it does.</summary>
    public Func<string, IReadOnlyList<TreeEntry>>? Folder { get; set; }

    /// <summary>Changes what is sent of a file.</summary>
    public Func<string, byte[], byte[]> Sent { get; set; } = (_, content) => content;

    /// <summary>How many parts of files are sent before the connection is cut.</summary>
    public int PartsLeft { get; set; } = int.MaxValue;

    /// <summary>How many bytes of large files were sent.</summary>
    public long PartBytes { get; private set; }

    /// <summary>What the digest of all files is said to be, in place of what it is.</summary>
    public ContentDigest? Root { get; set; }

    public SiteState State => new() { Version = 7, Origin = Origin, Files = (Root ?? TreeEntry.DigestOf(Entries(""))).ToString(), Rules = ContentDigest.Of(JsonSerializer.SerializeToUtf8Bytes(Rules, WireJson.Default.SharedRules)).ToString() };

    public static async Task<ScriptedOwner> StartAsync()
    {
        var owner = new ScriptedOwner();
        await owner._application.StartAsync();
        return owner;
    }

    public SyncClient Connect() => new(
        "joe.userv.example",
        new()
        {
            Addresses = ["127.0.0.1"],
            Port = new Uri(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port,
            IsSecure = false,
            Pass = "a.pass",
        },
        []);

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    public IReadOnlyList<TreeEntry> Entries(string folder)
    {
        if (Folder is not null)
        {
            return Folder(folder);
        }

        var prefix = folder.Length == 0 ? "" : $"{folder}/";
        var entries = new List<TreeEntry>();
        foreach (var group in Files.Where(file => file.Key.StartsWith(prefix, StringComparison.Ordinal)).GroupBy(file => file.Key[prefix.Length..].Split('/')[0]))
        {
            var isFile = Files.TryGetValue(prefix + group.Key, out var content);
            entries.Add(isFile
                ? new(group.Key, IsFolder: false, content!.Length, 1_000_000_000_000, ContentDigest.OfBlocks(BlocksOf(content)))
                : new(group.Key, IsFolder: true, 0, 0, TreeEntry.DigestOf(Entries(prefix + group.Key))));
        }

        entries.Sort(TreeEntry.Order);
        return entries;
    }

    private static ContentDigest[] BlocksOf(byte[] content) =>
        [.. Enumerable.Range(0, Blocks.Count(content.Length)).Select(block => ContentDigest.Of(content.AsSpan(block * Blocks.Length, Blocks.LengthOf(block, content.Length))))];

    private async Task AnswerAsync(HttpContext context)
    {
        var (query, output) = (context.Request.Query, context.Response.BodyWriter);
        switch (context.Request.Path.Value!.Split('/')[^1])
        {
            case "state":
                await context.Response.WriteAsJsonAsync(State, WireJson.Default.SiteState);
                break;
            case "rules":
                await context.Response.WriteAsJsonAsync(Rules, WireJson.Default.SharedRules);
                break;
            case "folder":
                foreach (var entry in Entries(query["path"].ToString()))
                {
                    FolderFormat.Write(output, entry);
                }

                break;
            case "blocks":
                foreach (var block in BlocksOf(Files[query["path"].ToString()]))
                {
                    block.WriteTo(output.GetSpan(ContentDigest.Length));
                    output.Advance(ContentDigest.Length);
                }

                break;
            case "file":
                await SendPartAsync(context, query["path"].ToString(), int.Parse(query["from"]!), int.Parse(query["length"]!));
                break;
            case "files":
                foreach (var path in (await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.StringArray))!)
                {
                    var content = Sent(path, Files[path]);
                    BinaryPrimitives.WriteInt64BigEndian(output.GetSpan(sizeof(long)), content.Length);
                    output.Advance(sizeof(long));
                    await output.WriteAsync(content);
                }

                break;
        }

        await output.FlushAsync();
    }

    private async Task SendPartAsync(HttpContext context, string path, int from, int length)
    {
        if (PartsLeft-- <= 0)
        {
            context.Abort();
            return;
        }

        var part = Sent(path, Files[path]).AsMemory(from, length);
        PartBytes += part.Length;
        await context.Response.BodyWriter.WriteAsync(part);
    }
}
