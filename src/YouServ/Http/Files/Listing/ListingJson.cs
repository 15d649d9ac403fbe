using System.Buffers;
using System.Text.Json;

namespace P2P.YouServ.Http.Files;

/// <summary>Writes a listing for programs.</summary>
internal static class ListingJson
{
    public const string ContentType = "application/json";

    public static byte[] Write(FolderListing listing)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("path", listing.Folder.Value);
            json.WriteNumber("page", listing.Order.Page);
            json.WriteNumber("pages", listing.Pages);
            json.WriteNumber("count", listing.Count);
            json.WriteBoolean("cut", listing.IsCut);
            json.WriteStartArray("entries");
            foreach (var entry in listing.Entries)
            {
                json.WriteStartObject();
                json.WriteString("name", entry.Name);
                json.WriteString("kind", entry.IsFolder ? "folder" : "file");
                if (!entry.IsFolder)
                {
                    json.WriteNumber("bytes", entry.Bytes);
                }

                json.WriteString("modified", entry.Modified.UtcDateTime);
                json.WriteString("url", entry.Reference);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
