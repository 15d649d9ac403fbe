using System.Collections.Immutable;
using System.Threading.Channels;
using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>Is a membership of a user of this node; there may be several in one group.</summary>
internal sealed class GroupMembership : IGroup
{
    private readonly MembershipTable _table;
    private readonly AuthorDesk _author;
    private readonly Channel<GroupEvent> _events;
    private ImmutableSortedSet<NodeId> _members = [];
    private long _overrun;
    private int _isEnded;

    public GroupMembership(MembershipTable table, INodePort port, GroupCertificate certificate, AuthorDesk author, JoinOptions options)
    {
        _table = table;
        _author = author;
        Certificate = certificate;
        TakesAnycasts = options.TakesAnycasts;
        _events = port.CreateChannel<GroupEvent>(new BoundedChannelOptions(options.EventsMax) { SingleReader = true, SingleWriter = false, FullMode = BoundedChannelFullMode.Wait });
    }

    public GroupId Id => Certificate.Id;

    public GroupCertificate Certificate { get; }

    public AuthorDesk Author => _author;

    public bool TakesAnycasts { get; }

    /// <summary>Whether it is about to end: the author may say so yet, and nothing more.</summary>
    public bool IsEnding { get; set; }

    public IReadOnlyList<NodeId> Members => Volatile.Read(ref _members);

    public ValueTask<PublishResult> PublishAsync(ReadOnlyMemory<byte> content, DeliveryClass deliveryClass, ulong key, CancellationToken cancellationToken)
    {
        if (content.Length > SignedBatch.ContentLengthMax)
        {
            throw new ArgumentException($"A message has at most {SignedBatch.ContentLengthMax} bytes, not {content.Length}; cut it, or send where it can be fetched.", nameof(content));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)deliveryClass, (int)DeliveryClass.BestEffort, nameof(deliveryClass));
        ArgumentOutOfRangeException.ThrowIfNegative((int)deliveryClass, nameof(deliveryClass));
        return _author.PublishAsync(content, deliveryClass, key, cancellationToken);
    }

    public IAsyncEnumerable<GroupEvent> EventsAsync(CancellationToken cancellationToken) => _events.Reader.ReadAllAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
        {
            await _table.RemoveAsync(this).ConfigureAwait(false);
            End();
        }
    }

    public void OnJoined(NodeId member)
    {
        Volatile.Write(ref _members, _members.Add(member));
        Give(new GroupEvent.Joined(member));
    }

    public void OnLeft(NodeId member)
    {
        Volatile.Write(ref _members, _members.Remove(member));
        Give(new GroupEvent.Left(member));
    }

    /// <summary>It has ended without having been left.</summary>
    public void EndWith(MembershipEnd cause)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
        {
            Give(new GroupEvent.Ended(cause));
            End();
        }
    }

    /// <summary>Nothing follows.</summary>
    public void End() => _events.Writer.TryComplete();

    /// <summary>Gives the reader an event that somebody else can have, if there is room.</summary>
    public bool TryGive(GroupEvent happened) => _overrun == 0 && _events.Writer.TryWrite(happened);

    /// <summary>Gives the reader an event, if it keeps up.</summary>
    public void Give(GroupEvent happened)
    {
        if (_overrun > 0 && _events.Writer.TryWrite(new GroupEvent.Overrun(_overrun)))
        {
            _overrun = 0;
        }

        if (_overrun > 0 || !_events.Writer.TryWrite(happened))
        {
            _overrun++;
        }
    }
}
