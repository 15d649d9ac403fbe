using System.Text.Json.Serialization;

namespace P2P.YouSearch.Wire;

/// <summary>
/// Reads and writes what peers and registrars say to each other, but for registrations. Names that a release does not know are passed over; a null where none may stand is no JSON of the kind.
/// What is left out comes as null to properties that need not be there, whatever their initial value: they make the best of it.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CandidateWish))]
[JsonSerializable(typeof(CandidatesReply))]
[JsonSerializable(typeof(CopiesReply))]
[JsonSerializable(typeof(SilentReport))]
[JsonSerializable(typeof(CachedOffer))]
[JsonSerializable(typeof(RegistrationReply))]
[JsonSerializable(typeof(RegistrarProblem))]
internal sealed partial class RegistrarJson : JsonSerializerContext;
