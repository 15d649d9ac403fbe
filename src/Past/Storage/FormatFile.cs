using System.Text.Json;

namespace P2P.Past;

/// <summary>Says in a replica store's directory which format it has, so that another release opens it or says why not.</summary>
internal static class FormatFile
{
    public const string Name = "store.json";
    public const string TemporaryName = "store.json.tmp";

    private const string FormatName = "p2p.past.store";

    public static bool Exists(DurableDirectory root) => File.Exists(root.Combine(Name));

    /// <summary>Writes the current format, durably.</summary>
    public static void Write(DurableDirectory root)
    {
        var temporary = root.Combine(TemporaryName);
        using (var file = ReplicaDirectory.OpenForWriting(temporary, FileMode.Create))
        {
            using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
            {
                json.WriteStartObject();
                json.WriteString("format", FormatName);
                json.WriteNumber("version", ReplicaFile.FormatVersion);
                json.WriteEndObject();
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, root.Combine(Name), overwrite: true);
        root.Flush();
        if (Path.GetDirectoryName(root.Path) is { } parent)
        {
            new DurableDirectory(parent).Flush();
        }
    }

    /// <summary>Checks that this release can read the format.</summary>
    /// <exception cref="PastException">It can't, or the file describes something else.</exception>
    public static void Check(DurableDirectory root)
    {
        var path = root.Combine(Name);
        int version;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            version = json.RootElement.GetProperty("version").GetInt32();
            if (json.RootElement.GetProperty("format").GetString() != FormatName)
            {
                throw new FormatException("It describes something else.");
            }
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new PastException(
                $"The file '{path}' does not describe a replica store: {exception.Message} Restore it, or choose another directory.",
                exception);
        }

        if (version > ReplicaFile.FormatVersion)
        {
            throw new PastException(
                $"The replica store '{root.Path}' has format {version}, written by a newer release; this one reads up to "
                + $"{ReplicaFile.FormatVersion}. Update, or choose another directory.");
        }
    }
}
