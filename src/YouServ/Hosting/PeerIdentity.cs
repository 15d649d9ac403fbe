using System.Text.Json;
using P2P.YouServ.Storage;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Whose peer it is, and what proves it to the coordinator. Kept in a file that nobody else may read.</summary>
internal sealed record PeerIdentity
{
    public required string User { get; init; }

    public required string DisplayName { get; init; }

    public required string Site { get; init; }

    public required string Zone { get; init; }

    /// <summary>A secret.</summary>
    public required string Token { get; init; }

    /// <summary>The public key of the coordinator's tickets, in base64: taken at sign-in, and then for good.</summary>
    public required string TicketKey { get; init; }

    /// <summary>The certificate of the zone's authority (PEM).</summary>
    public string Authority { get; init => field = value ?? ""; } = "";

    /// <summary>Where browsers find the coordinator.</summary>
    public required Uri Coordinator { get; init; }

    public string Host => $"{Site}.{Zone}";

    /// <summary>Leaves out the token.</summary>
    public override string ToString() => $"{User} at {Host}";

    public static PeerIdentity? Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), WireJson.Default.PeerIdentity);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException failure)
        {
            throw new YouServException($"The peer's sign-in in {path} cannot be read: {failure.Message} Delete the file, and sign in again.", failure);
        }
    }

    public void Save(string path) => OwnerOnlyFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, WireJson.Default.PeerIdentity));
}
