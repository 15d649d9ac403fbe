using Game.World;

namespace Game.Tests.Rules;

/// <summary>Ships fly by the same rules wherever they are looked at.</summary>
public sealed class FlightTests
{
    [Fact]
    public void A_ship_that_pushes_gets_no_faster_than_ships_are()
    {
        var flight = new Flight(new Vector(100, 100), default, 1.2);
        for (var i = 0; i < 600; i++)
        {
            flight = flight.Next(Buttons.Thrust);
            Assert.InRange(flight.Speed.Length, 0, Flight.SpeedMax + 1e-9);
        }

        Assert.InRange(flight.Speed.Length, Flight.SpeedMax - 1, Flight.SpeedMax + 1e-9);
    }

    [Fact]
    public void A_ship_that_is_left_alone_comes_to_rest()
    {
        var flight = new Flight(new Vector(100, 100), new Vector(200, 0), 0);
        for (var i = 0; i < 600; i++)
        {
            flight = flight.Next(Buttons.None);
        }

        Assert.InRange(flight.Speed.Length, 0, 0.01);
    }

    [Theory]
    [InlineData(1, 1, Math.PI, Map.Width - 1, 1)]
    [InlineData(1, Map.Height - 1, Math.PI / 2, 1, 1)]
    public void Who_flies_out_on_one_side_comes_in_on_the_other(double x, double y, double heading, double nearX, double nearY)
    {
        var flight = new Flight(new Vector(x, y), Vector.Towards(heading, 150), heading).Next(Buttons.None);
        Assert.InRange(Map.Distance(flight.Place, new Vector(nearX, nearY)), 0, 3);
        Assert.InRange(flight.Place.X, 0, Map.Width);
        Assert.InRange(flight.Place.Y, 0, Map.Height);
    }

    [Fact]
    public void Turning_right_and_left_again_leads_back()
    {
        var flight = new Flight(new Vector(5, 5), default, 0.5);
        for (var i = 0; i < 100; i++)
        {
            flight = flight.Next(Buttons.Right);
        }

        for (var i = 0; i < 100; i++)
        {
            flight = flight.Next(Buttons.Left);
        }

        Assert.Equal(0.5, flight.Heading, 9);
        Assert.Equal(flight.Heading, flight.Next(Buttons.Left | Buttons.Right).Heading, 9);
    }

    [Fact]
    public void The_shortest_way_leads_over_the_edge() =>
        Assert.Equal(new Vector(20, -20), Map.Way(new Vector(Map.Width - 10, 10), new Vector(10, Map.Height - 10)));
}
