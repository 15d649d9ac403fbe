using System.Text.Json.Serialization;
using P2P.YouServ.Hosting;

namespace P2P.YouServ.Wire;

/// <summary>
/// Reads and writes what coordinators, peers and pages say to each other. Names that a release does not know are passed over; a null where none may stand is no JSON of the kind.
/// What is left out comes as null to properties that need not be there, whatever their initial value: they make the best of it.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(About))]
[JsonSerializable(typeof(CertificateReply))]
[JsonSerializable(typeof(CertificateWish))]
[JsonSerializable(typeof(HeartbeatReply))]
[JsonSerializable(typeof(HeartbeatRequest))]
[JsonSerializable(typeof(HeldVersion))]
[JsonSerializable(typeof(LeaseReply))]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(PeerIdentity))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ProxyReply))]
[JsonSerializable(typeof(ProxyWish))]
[JsonSerializable(typeof(ReleaseReply))]
[JsonSerializable(typeof(ReleaseRequest))]
[JsonSerializable(typeof(ReplicasReply))]
[JsonSerializable(typeof(ReplicationView))]
[JsonSerializable(typeof(ReplicaQuery))]
[JsonSerializable(typeof(ReplicaWish))]
[JsonSerializable(typeof(SignInReply))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SiteState))]
[JsonSerializable(typeof(SharedRules))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(SiteView))]
[JsonSerializable(typeof(RuleView))]
[JsonSerializable(typeof(LinkView))]
[JsonSerializable(typeof(LinkWish))]
[JsonSerializable(typeof(ReadingView[]))]
[JsonSerializable(typeof(SyncPass))]
[JsonSerializable(typeof(Ticket))]
[JsonSerializable(typeof(TunnelPass))]
[JsonSerializable(typeof(UserPass))]
[JsonSerializable(typeof(UserPassReply))]
[JsonSerializable(typeof(UserPassWish))]
internal sealed partial class WireJson : JsonSerializerContext;
