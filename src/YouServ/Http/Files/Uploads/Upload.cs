using System.Text.Json.Serialization;

namespace P2P.YouServ.Http.Files;

/// <summary>What an upload is to become; kept on the disk, so that it goes on after a restart.</summary>
internal sealed record Upload
{
    /// <summary>Names it in addresses and on the disk: 32 hexadecimal digits that nobody guesses.</summary>
    public required string Id { get; init; }

    /// <summary>The file that it becomes.</summary>
    public required string Path { get; init; }

    /// <summary>How many bytes it has.</summary>
    public required long Length { get; init; }

    /// <summary>The SHA-256 of all of them in hexadecimal digits; null if the client has named none.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether a file that is there gives way.</summary>
    public bool Overwrites { get; init; }

    /// <summary>The tag that the file there must have to give way; null if any may.</summary>
    public string? IfMatch { get; init; }

    /// <summary>What the client said of it, to be said again when asked.</summary>
    public string Metadata { get; init; } = "";

    [JsonIgnore]
    public SitePath Target => SitePath.Parse(Path);
}
