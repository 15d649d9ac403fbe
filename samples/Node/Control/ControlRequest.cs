using System.Text.Json.Serialization;

namespace NodeSample.Control;

/// <summary>Is what a verb asks of the running node. Node and verb share a machine and a user, so files travel as paths.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "verb")]
[JsonDerivedType(typeof(PutRequest), "put")]
[JsonDerivedType(typeof(GetRequest), "get")]
[JsonDerivedType(typeof(ReclaimRequest), "reclaim")]
[JsonDerivedType(typeof(QuotaRequest), "quota")]
[JsonDerivedType(typeof(StatusRequest), "status")]
[JsonDerivedType(typeof(HealthRequest), "health")]
[JsonDerivedType(typeof(RetireRequest), "retire")]
[JsonDerivedType(typeof(ScrubRequest), "scrub")]
internal abstract record ControlRequest;

/// <summary>Asks to store the file at an absolute path.</summary>
internal sealed record PutRequest(string Path, string Name, int Replicas) : ControlRequest;

/// <summary>Asks to write a stored file to an absolute path.</summary>
internal sealed record GetRequest(string Id, string Path) : ControlRequest;

/// <summary>Asks to take a stored file back.</summary>
internal sealed record ReclaimRequest(string Id) : ControlRequest;

/// <summary>Asks how the user's account at the broker stands.</summary>
internal sealed record QuotaRequest : ControlRequest;

/// <summary>Asks how the node is.</summary>
/// <param name="Holds">Ids of files of which to tell whether the node holds a replica.</param>
/// <param name="WaitReady">True to be answered when the node is ready.</param>
internal sealed record StatusRequest(string[] Holds, bool WaitReady) : ControlRequest;

/// <summary>Asks whether the node is well.</summary>
internal sealed record HealthRequest : ControlRequest;

/// <summary>Asks to read and to check all replicas.</summary>
internal sealed record ScrubRequest : ControlRequest;

/// <summary>Asks to hand all replicas to others, and to stop then.</summary>
/// <param name="LimitSeconds">How long to wait for that.</param>
internal sealed record RetireRequest(double LimitSeconds) : ControlRequest;
