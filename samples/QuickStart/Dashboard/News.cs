using System.Text.Json.Serialization;

namespace QuickStart.Dashboard;

/// <summary>Tells a page all that it draws; wwwroot/main.js reads it, and what follows here.</summary>
internal sealed record PictureNews(
    string Kind,
    double Now,
    int Replicas,
    int NodesMax,
    IReadOnlyList<NodeNews> Nodes,
    IReadOnlyList<FileNews> Files,
    CountNews Counts,
    IReadOnlyList<double[]> Samples,
    IReadOnlyList<HappeningNews> Happenings);

/// <summary>Tells of a node. Places are parts of the way around the ring; others are known by their numbers.</summary>
internal sealed record NodeNews(
    int Number, string Id, double Place, bool IsUp, bool IsReady, IReadOnlyList<int> Leaves, IReadOnlyList<int> Table, int Held, int? Parent, bool IsRoot, bool IsMember, long Heard);

internal sealed record FileNews(int Number, string Name, string Id, double Place, long Length, IReadOnlyList<int> Holders);

internal sealed record CountNews(double MessagesPerSecond, double MeanHops, long Lookups, long Heard, int Lacking, int Below, int Lost);

internal sealed record HappeningNews(double At, string Kind, int Node, string Text);

/// <summary>Tells of one hop of a message; to nobody where it was delivered.</summary>
internal sealed record HopNews(string Kind, string Trace, int From, int? To, int Number, bool IsTaken);

/// <summary>Tells that somebody has said something in the group.</summary>
internal sealed record SaidNews(string Kind, int By);

/// <summary>Tells how a lookup has ended.</summary>
internal sealed record FoundNews(string Kind, int File, int By, bool IsFound, double Ms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PictureNews))]
[JsonSerializable(typeof(HopNews))]
[JsonSerializable(typeof(SaidNews))]
[JsonSerializable(typeof(FoundNews))]
internal sealed partial class NewsFormat : JsonSerializerContext;
