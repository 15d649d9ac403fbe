using System.Text.Json.Serialization;

namespace P2P.YouServ.Http.Files;

/// <summary>Reads and writes what stands beside the bytes of an upload, and the requests of the owner.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(OwnerRequest))]
internal sealed partial class UploadJson : JsonSerializerContext;
