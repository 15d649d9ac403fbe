using System.Text.Json;

namespace P2P.Past;

/// <summary>Says in a replica store's directory which format it has, so that another release opens it or says why not.</summary>
internal static class FormatFile
{
    public const string Name = "store.json";
    public const string TemporaryName = "store.json.tmp";

    /// <summary>The format in which every replica was a file, and there was no database.</summary>
    public const int FilesOnly = 1;

    /// <summary>The format that this release writes.</summary>
    public const int Current = 2;

    private const string FormatName = "p2p.past.store";

    public static bool Exists(DurableDirectory root) => File.Exists(root.Combine(Name));

    /// <summary>Writes the current format, durably.</summary>
    public static void Write(DurableDirectory root)
    {
        var temporary = root.Combine(TemporaryName);
        using (var file = ReplicaFiles.OpenForWriting(temporary, FileMode.Create))
        {
            using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
            {
                json.WriteStartObject();
                json.WriteString("format", FormatName);
                json.WriteNumber("version", Current);
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

    /// <summary>Reads which format the directory has.</summary>
    /// <exception cref="PastException">This release can't read it, or the file describes something else.</exception>
    public static int Read(DurableDirectory root)
    {
        var path = root.Combine(Name);
        int version;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            version = json.RootElement.GetProperty("version").GetInt32();
            if (json.RootElement.GetProperty("format").GetString() != FormatName || version < FilesOnly)
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

        return version <= Current
            ? version
            : throw new PastException(
                $"The replica store '{root.Path}' has format {version}, written by a newer release; this one reads up to "
                + $"{Current}. Update, or choose another directory.");
    }
}
