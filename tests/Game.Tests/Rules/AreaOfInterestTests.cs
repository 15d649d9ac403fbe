using Game.World;

namespace Game.Tests.Rules;

/// <summary>One hears the areas that one sees and from which one can be hit, and does not join and leave along their borders.</summary>
public sealed class AreaOfInterestTests
{
    [Fact]
    public void All_that_the_screen_shows_is_of_interest_wherever_one_is()
    {
        var random = new Random(11);
        var interest = new AreaOfInterest(isEverything: false);
        for (var i = 0; i < 2000; i++)
        {
            var place = new Vector(random.NextDouble() * Map.Width, random.NextDouble() * Map.Height);
            interest.Move(place, Sight.Usual);
            var seen = Map.Wrap(place + new Vector(((random.NextDouble() * 2) - 1) * Sight.Usual.Across, ((random.NextDouble() * 2) - 1) * Sight.Usual.Down));
            Assert.Contains(Area.Of(seen), interest.Areas);
            Assert.Contains(Area.Of(Map.Wrap(place + Vector.Towards(random.NextDouble() * Math.Tau, Shot.Range))), interest.Areas);
        }
    }

    [Fact]
    public void Flying_along_a_border_joins_and_leaves_nothing()
    {
        var interest = new AreaOfInterest(isEverything: false);
        interest.Move(new Vector(1200, 1000), Sight.Usual);
        interest.Move(new Vector(1195, 995), Sight.Usual);
        interest.Move(new Vector(1205, 1005), Sight.Usual);
        for (var i = 0; i < 100; i++)
        {
            var (entered, left) = interest.Move(new Vector(1200 + (i % 2 == 0 ? 5 : -5), 1000 + (i % 3) - 1), Sight.Usual);
            Assert.Empty(entered);
            Assert.Empty(left);
        }
    }

    [Fact]
    public void An_area_is_left_once_it_is_farther_than_where_it_was_entered_and_not_before()
    {
        var interest = new AreaOfInterest(isEverything: false);
        interest.Move(new Vector(1000, 1000), Sight.Usual);
        var right = new Area(3, 2);
        Assert.Contains(right, interest.Areas);
        interest.Move(new Vector(1200 - Sight.Usual.Across - AreaOfInterest.Ahead - AreaOfInterest.Hysteresis + 1, 1000), Sight.Usual);
        Assert.Contains(right, interest.Areas);
        var (_, left) = interest.Move(new Vector(1200 - Sight.Usual.Across - AreaOfInterest.Ahead - AreaOfInterest.Hysteresis - 1, 1000), Sight.Usual);
        Assert.Contains(right, left);
    }

    [Fact]
    public void Less_than_a_third_of_the_map_is_of_interest()
    {
        var random = new Random(12);
        var interest = new AreaOfInterest(isEverything: false);
        var counts = Enumerable.Range(0, 500).Select(_ =>
        {
            interest.Move(new Vector(random.NextDouble() * Map.Width, random.NextDouble() * Map.Height), Sight.Usual);
            return interest.Areas.Count;
        }).ToArray();
        Assert.InRange(counts.Average(), 6, Area.All.Count() / 3.0);
    }

    [Fact]
    public void Without_areas_of_interest_all_are_heard_and_none_is_left()
    {
        var interest = new AreaOfInterest(isEverything: true);
        Assert.Equal(Area.All.Count(), interest.Move(new Vector(1, 1), Sight.Usual).Entered.Count);
        Assert.Empty(interest.Move(new Vector(1600, 1000), Sight.Usual).Left);
    }

    [Theory]
    [InlineData(double.NaN, 100)]
    [InlineData(100, double.PositiveInfinity)]
    public void A_sight_that_is_no_number_is_the_usual_one(double across, double down) => Assert.Equal(Sight.Usual, Sight.Of(across, down));

    [Fact]
    public void Nobody_sees_farther_than_screens_show() => Assert.Equal(new Sight(520, 100), Sight.Of(1e9, -5));
}
