using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

public class StartWindowTests
{
    private static readonly TimeSpan Target = TimeSpan.FromSeconds(1);
    private static readonly Instant Begin = new(1);

    private readonly StartWindow _window = new(max: 1000, Target);

    [Fact]
    public void Late_acknowledgements_set_it_once_to_what_is_in_time()
    {
        var late = Begin + Target * 4;
        _window.Acknowledged(Begin, underway: 1000, late);
        _window.Acknowledged(Begin + Target / 2, underway: 999, late);
        _window.Missed(Begin, underway: 998, late);
        Assert.Equal(250, _window.Size);

        _window.Missed(late, underway: 300, late + Target * 2);
        Assert.Equal(125, _window.Size);
    }

    [Fact]
    public void It_never_closes()
    {
        for (var (i, sentAt) = (0, Begin); i < 20; i++)
        {
            var late = sentAt + Target + Target;
            _window.Missed(sentAt, underway: 10, late);
            sentAt = late;
        }

        Assert.Equal(64, _window.Size);
    }

    [Fact]
    public void Acknowledgements_in_good_time_open_it_again_where_there_is_need()
    {
        var late = Begin + Target + Target;
        _window.Missed(Begin, underway: 1000, late);
        Assert.Equal(500, _window.Size);
        _window.Acknowledged(late, underway: 100, late + Target / 4);
        _window.Acknowledged(late, underway: 500, late + Target * 0.75);
        Assert.Equal(500, _window.Size);
        for (var i = 0; i < 2000; i++)
        {
            _window.Acknowledged(late, underway: 1000, late + Target / 4);
        }

        Assert.Equal(1000, _window.Size);
    }

    [Fact]
    public void A_dead_node_that_is_given_up_soon_closes_nothing()
    {
        _window.Missed(Begin, underway: 1, Begin + Target / 10);
        Assert.Equal(1000, _window.Size);
    }
}
