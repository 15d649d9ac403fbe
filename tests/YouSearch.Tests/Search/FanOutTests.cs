using P2P.YouSearch.Protocol;

namespace YouSearch.Tests.Search;

public sealed class FanOutTests
{
    private static readonly FanOutLimits Limits = new(Together: 4, SiteDeadline: TimeSpan.FromSeconds(2), Deadline: TimeSpan.FromSeconds(10));

    private readonly FanOut<int> _fanOut = new(Limits, TimeSpan.Zero);
    private readonly List<int> _silent = [];
    private readonly List<int> _unasked = [];

    [Fact]
    public void As_many_are_asked_at_once_as_may_be()
    {
        Add(10);
        Assert.Equal([0, 1, 2, 3], Ask(0));
        Assert.True(_fanOut.Answered(2));
        Assert.False(_fanOut.Answered(2));
        Assert.Equal([4], Ask(0.1));
    }

    [Fact]
    public void Those_that_take_their_time_hold_up_nobody()
    {
        Add(30);
        Ask(0);
        Assert.Equal(TimeSpan.FromSeconds(0.3), _fanOut.Due);
        Expire(0.3);
        Assert.Equal([4, 5, 6, 7], Ask(0.3));
        Assert.True(_fanOut.Answered(0));
        Assert.Empty(Ask(0.3));
        Expire(0.6);
        Assert.Equal([8, 9, 10, 11], Ask(0.6));
        Expire(0.9);

        // All counted there are sixteen at most.
        Assert.Equal([12, 13, 14, 15], Ask(0.9));
        Expire(1.2);
        Assert.Equal([16], Ask(1.2));
        Assert.Empty(_silent);
    }

    [Fact]
    public void Who_has_not_answered_in_time_is_silent()
    {
        Add(3);
        Ask(0);
        _fanOut.Answered(1);
        Assert.Equal(TimeSpan.FromSeconds(2), _fanOut.Due);
        Expire(1.999);
        Assert.Empty(_silent);
        Expire(2);
        Assert.Equal([0, 2], _silent);
        Assert.False(_fanOut.Answered(0));
        Assert.True(_fanOut.IsDone);
    }

    [Fact]
    public void At_the_end_those_too_are_given_up_that_had_no_turn()
    {
        Add(100);
        for (var tenth = 0; tenth < 99; tenth++)
        {
            Expire(tenth / 10.0);
            Ask(tenth / 10.0);
        }

        Expire(10);
        Assert.True(_fanOut.IsDone);
        Assert.Equal(100, _silent.Count + _unasked.Count);
        Assert.NotEmpty(_unasked);
        Add(1);
        Assert.Empty(Ask(10));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_site_ends_once_and_no_bound_is_passed_whatever_happens(int seed)
    {
        var (random, now, ended, asked, added) = (new Random(seed), 0.0, new HashSet<int>(), new List<int>(), 0);
        while (added < 500 || !_fanOut.IsDone)
        {
            if (added < 500 && random.Next(3) == 0)
            {
                _fanOut.Add(added++);
            }

            asked.AddRange(Ask(now));
            Assert.InRange(_fanOut.Outstanding, 0, Limits.OutstandingMax);
            if (asked.Count > 0 && random.Next(2) == 0)
            {
                var site = asked[random.Next(asked.Count)];
                if (_fanOut.Answered(site))
                {
                    Assert.True(ended.Add(site));
                }
            }

            now += random.NextDouble() / 20;
            Expire(now);
            foreach (var site in _silent.Concat(_unasked))
            {
                Assert.True(ended.Add(site));
            }

            _silent.Clear();
            _unasked.Clear();
            if (now >= 10)
            {
                break;
            }
        }

        Expire(10);
        Assert.True(_fanOut.IsDone);
        Assert.Equal(asked.Count, asked.Distinct().Count());
        Assert.Equal(0, _fanOut.Outstanding);
    }

    private void Add(int count)
    {
        for (var site = 0; site < count; site++)
        {
            _fanOut.Add(site);
        }
    }

    private List<int> Ask(double now)
    {
        var asked = new List<int>();
        while (_fanOut.TryNext(TimeSpan.FromSeconds(now), out var site))
        {
            asked.Add(site);
        }

        return asked;
    }

    private void Expire(double now) => _fanOut.Expire(TimeSpan.FromSeconds(now), _silent, _unasked);
}
