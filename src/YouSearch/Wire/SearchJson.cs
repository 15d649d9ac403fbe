using System.Text.Json.Serialization;

namespace P2P.YouSearch.Wire;

/// <summary>Reads and writes what peers and pages say to each other. Names that a release does not know are passed over; a null where none may stand is no JSON of the kind.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SearchRequest))]
[JsonSerializable(typeof(SearchReply))]
[JsonSerializable(typeof(CachedRequest))]
[JsonSerializable(typeof(CachedReply))]
[JsonSerializable(typeof(NotesFile))]
[JsonSerializable(typeof(OwnerState))]
[JsonSerializable(typeof(OwnerWish))]
[JsonSerializable(typeof(PageQuery))]
[JsonSerializable(typeof(ResultsView))]
[JsonSerializable(typeof(SearchProblem))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class SearchJson : JsonSerializerContext;
