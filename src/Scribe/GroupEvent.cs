namespace P2P.Scribe;

/// <summary>Is what a member learns of its group.</summary>
public abstract record GroupEvent
{
    private GroupEvent()
    {
    }

    /// <summary>A message has arrived.</summary>
    /// <param name="Message">The message.</param>
    public sealed record Received(GroupMessage Message) : GroupEvent;

    /// <summary>Ordered messages are lost to this member: nobody above has them any more.</summary>
    /// <param name="First">The number of the first lost batch.</param>
    /// <param name="Last">The number of the last lost batch.</param>
    public sealed record Gap(ulong First, ulong Last) : GroupEvent;

    /// <summary>Any one member is asked, and this is the one; only where <see cref="JoinOptions.TakesAnycasts"/> is set.</summary>
    /// <param name="Request">The request, which waits to be accepted or declined.</param>
    public sealed record Anycast(AnycastRequest Request) : GroupEvent;

    /// <summary>Events are lost since they were read too slowly.</summary>
    /// <param name="Count">How many.</param>
    public sealed record Overrun(long Count) : GroupEvent;
}
