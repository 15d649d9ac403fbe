using System.Globalization;
using NodeSample.Health;
using NodeSample.Stopping;
using NodeSample.Telemetry;
using P2P.Past;
using P2P.Pastry;

namespace NodeSample.Control;

/// <summary>Does what the verbs ask for, with the node and its store.</summary>
internal sealed class ControlDesk(PastryNode node, PastStore past, ISigner owner, OperationGate operations, HealthCheck health, Retirement retirement, BrokerQuota? quota = null)
{
    /// <summary>How long a put or a get waits for a node that has not joined its ring yet.</summary>
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(30);

    private const string BrokerIsSilent = "The broker has not answered in time; try again later.";

    public async Task<ControlReply> AnswerAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return request switch
            {
                PutRequest put => await OperateAsync("put", () => PutAsync(put, cancellationToken)),
                GetRequest get => await OperateAsync("get", () => GetAsync(get, cancellationToken)),
                ReclaimRequest reclaim => await OperateAsync("reclaim", () => ReclaimAsync(reclaim, cancellationToken)),
                QuotaRequest => await OperateAsync("quota", () => QuotaAsync(cancellationToken)),
                ScrubRequest => new ControlReply(Scrubbed: new ScrubbedNode(
                    past.Replicas.Usage.Count, [.. (await past.ScrubAsync(cancellationToken)).Select(file => file.ToString())])),
                HealthRequest => new ControlReply(Health: await health.CheckAsync(cancellationToken)),
                RetireRequest retire => new ControlReply(Retired: new RetiredNode(await retirement.RunAsync(TimeSpan.FromSeconds(retire.LimitSeconds), cancellationToken))),
                StatusRequest status => await StatusAsync(status, cancellationToken),
                _ => new ControlReply("This node does not know the request; it is of another release than the verb."),
            };
        }
        catch (Exception exception) when (Failure.IsExpected(exception) || exception is FormatException or ArgumentException)
        {
            return new ControlReply(exception.Message);
        }
    }

    /// <summary>Does what a user asks for, unless the node is stopping, under a span of its own.</summary>
    private async Task<ControlReply> OperateAsync(string verb, Func<Task<ControlReply>> operate)
    {
        using var place = operations.Enter();
        using var span = NodeTelemetry.Source.StartActivity(verb);
        var reply = await operate();
        if (reply.Error is { } error)
        {
            span?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, error);
        }

        return reply;
    }

    private async Task<ControlReply> PutAsync(PutRequest put, CancellationToken cancellationToken)
    {
        var content = ContentSource.FromFile(put.Path);
        await WaitUntilReadyAsync(cancellationToken);
        return await past.InsertAsync(put.Name, owner, content, new() { ReplicaCount = put.Replicas }, cancellationToken) switch
        {
            InsertResult.Stored stored => new ControlReply(Stored: new StoredFile(stored.FileId.ToString(), content.Length, stored.Receipts.Length)),
            InsertResult.Refused refused => new ControlReply($"The file was refused by {refused.By?.ToString() ?? "the broker"}: {Explain(refused.Reason)}"),
            InsertResult.QuotaExceeded exceeded => new ControlReply(string.Create(
                CultureInfo.InvariantCulture,
                $"The quota has no room for the file: {exceeded.UsedBytes:N0} of {exceeded.GrantedBytes:N0} bytes are used, and it needs {exceeded.NeededBytes:N0}.")),
            InsertResult.QuotaUnavailable => new ControlReply(BrokerIsSilent),
            var result => new ControlReply($"Only {result.Receipts.Length} of {put.Replicas} replicas of {result.FileId} are confirmed; try again."),
        };
    }

    private async Task<ControlReply> GetAsync(GetRequest get, CancellationToken cancellationToken)
    {
        var id = FileId.Parse(get.Id);
        await WaitUntilReadyAsync(cancellationToken);
        switch (await past.LookupAsync(id, cancellationToken))
        {
            case LookupResult.Found found:
                await WholeFile.WriteAsync(get.Path, found.File.CopyToAsync, cancellationToken);
                return new ControlReply(Fetched: new FetchedFile(found.File.Length));
            case LookupResult.NotFound:
                return new ControlReply($"No node holds a file with the id {id}.");
            default:
                return new ControlReply($"Not every node that might hold {id} has answered; try again.");
        }
    }

    private async Task<ControlReply> ReclaimAsync(ReclaimRequest reclaim, CancellationToken cancellationToken)
    {
        var id = FileId.Parse(reclaim.Id);
        await WaitUntilReadyAsync(cancellationToken);
        return await past.ReclaimAsync(id, owner, cancellationToken) switch
        {
            ReclaimResult.Reclaimed reclaimed => new ControlReply(Reclaimed: new ReclaimedFile(reclaimed.Receipts.Length)),
            ReclaimResult.NotFound => new ControlReply($"No node holds a file with the id {id}."),
            ReclaimResult.NotOwner => new ControlReply($"The file {id} was put by another owner; only the node that it was put through takes it back."),
            _ => new ControlReply($"Not every node that might hold {id} has answered; try again."),
        };
    }

    private async Task<ControlReply> QuotaAsync(CancellationToken cancellationToken)
    {
        if (quota is null)
        {
            return new ControlReply("This node asks no broker; run it with --broker.");
        }

        await WaitUntilReadyAsync(cancellationToken);
        return await quota.GetAccountAsync(owner, cancellationToken) is { } account
            ? new ControlReply(Quota: new QuotaStatus(account.UsedBytes, account.GrantedBytes))
            : new ControlReply(BrokerIsSilent);
    }

    private async Task<ControlReply> StatusAsync(StatusRequest request, CancellationToken cancellationToken)
    {
        FileId[] files = [.. request.Holds.Select(id => FileId.Parse(id))];
        if (request.WaitReady)
        {
            await node.WhenReadyAsync(cancellationToken);
        }

        return new ControlReply(Status: NodeStatus.Of(await node.GetSnapshotAsync(cancellationToken), past, files));
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(JoinPatience);
        try
        {
            await node.WhenReadyAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FailedException("The node has not joined its ring; its log says why.");
        }
    }

    private static string Explain(StoreRefusal reason) => reason switch
    {
        StoreRefusal.NoRoom => "a node that should hold it has no room for it.",
        StoreRefusal.TooFewNodes => "the ring has fewer nodes than replicas are asked for.",
        StoreRefusal.TooManyReplicas => "more replicas are asked for than half a leaf set and one.",
        StoreRefusal.CorruptContent => "it changed while it was read.",
        StoreRefusal.NoPermit => "it asks for the permit of a broker that it trusts.",
        StoreRefusal.PermitExpired => "the broker's permit has expired.",
        StoreRefusal.Reclaimed => "its owner has taken it back.",
        StoreRefusal.StorageFailed => "the disk of a node that should hold it failed.",
        _ => $"{reason}.",
    };
}
