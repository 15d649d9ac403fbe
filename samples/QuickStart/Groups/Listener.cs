using System.Diagnostics;
using P2P.Scribe;
using QuickStart.Ring;

namespace QuickStart.Groups;

/// <summary>Is the membership of one node, and all that it has heard.</summary>
internal sealed class Listener(Member member, IGroup group, Spoken spoken) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<int> _heard = [];
    private readonly List<TimeSpan> _ages = [];
    private long _lastAt = Stopwatch.GetTimestamp();
    private TimeSpan _longestSilence;
    private long _missed;
    private Task _listening = Task.CompletedTask;

    public Member Member => member;

    public IGroup Group => group;

    /// <summary>How many messages it has heard.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _heard.Count;
            }
        }
    }

    /// <summary>The numbers of the messages, in the order in which they came.</summary>
    public IReadOnlyList<int> Heard
    {
        get
        {
            lock (_gate)
            {
                return [.. _heard];
            }
        }
    }

    /// <summary>How old each was when it came.</summary>
    public IReadOnlyList<TimeSpan> Ages
    {
        get
        {
            lock (_gate)
            {
                return [.. _ages];
            }
        }
    }

    /// <summary>How many messages it was told that it has missed.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>The longest time between two messages since <see cref="BeginSilence"/>.</summary>
    public TimeSpan LongestSilence
    {
        get
        {
            lock (_gate)
            {
                return _longestSilence;
            }
        }
    }

    public void Begin() => _listening = ListenAsync();

    /// <summary>Begins to watch how long nothing comes.</summary>
    public void BeginSilence()
    {
        lock (_gate)
        {
            (_lastAt, _longestSilence) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await group.DisposeAsync();
        await _listening;
    }

    private async Task ListenAsync()
    {
        await foreach (var happened in group.EventsAsync())
        {
            switch (happened)
            {
                case GroupEvent.Received { Message: var message }:
                    Hear(message);
                    break;
                case GroupEvent.Gap gap:
                    Interlocked.Add(ref _missed, (long)(gap.Last - gap.First + 1));
                    break;
                case GroupEvent.Overrun overrun:
                    Interlocked.Add(ref _missed, overrun.Count);
                    break;
                default:
                    break;
            }
        }
    }

    private void Hear(GroupMessage message)
    {
        var (number, age) = spoken.Hear(message.Content.Span);
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            var silence = Stopwatch.GetElapsedTime(_lastAt, now);
            (_lastAt, _longestSilence) = (now, silence > _longestSilence ? silence : _longestSilence);
            _heard.Add(number);
            _ages.Add(age);
        }
    }
}
