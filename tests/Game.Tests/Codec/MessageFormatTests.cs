using Game.Messages;
using Game.World;
using P2P.Pastry;

namespace Game.Tests.Codec;

/// <summary>Messages come back as they were, and what anybody else sends is refused or within bounds.</summary>
public sealed class MessageFormatTests
{
    private static readonly NodeId Somebody = NodeId.FromText("somebody");

    public static TheoryData<int> Seeds
    {
        get
        {
            var seeds = new TheoryData<int>();
            for (var seed = 1; seed <= (Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 400 : 4); seed++)
            {
                seeds.Add(seed);
            }

            return seeds;
        }
    }

    [Fact]
    public void Every_message_comes_back()
    {
        foreach (var message in Examples())
        {
            Assert.True(MessageFormat.TryDecode(MessageFormat.Encode(message), out var read));
            Assert.Equal(message, read);
        }
    }

    [Fact]
    public void A_flight_comes_back_as_exactly_as_it_is_drawn()
    {
        var flight = new Flight(new Vector(3199.999, 0.031), new Vector(-229.9, 12.345), 6.2831);
        var bytes = MessageFormat.Encode(new GameMessage.Flown(431_999.99995, flight, 2, Marks.Burning));
        Assert.Equal(17, bytes.Length);
        Assert.True(MessageFormat.TryDecode(bytes, out var read));
        var flown = Assert.IsType<GameMessage.Flown>(read);
        Assert.Equal(MessageFormat.Round(flight.Place), flown.Flight.Place);
        Assert.InRange(Map.Distance(flight.Place, flown.Flight.Place), 0, 0.1);
        Assert.InRange((flight.Speed - flown.Flight.Speed).Length, 0, 0.02);
        Assert.InRange(Math.Abs(Map.Shortest(flight.Heading - flown.Flight.Heading, Math.Tau)), 0, 0.0002);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void What_is_no_number_is_not_even_written(double value) =>
        Assert.Throws<ArgumentException>(() => MessageFormat.Encode(new GameMessage.Flown(1, new Flight(new Vector(value, 1), default, 0), 3, Marks.None)));

    [Fact]
    public void What_is_outside_of_its_range_is_no_message()
    {
        var flown = MessageFormat.Encode(new GameMessage.Flown(1, new Flight(new Vector(10, 10), default, 0), 3, Marks.None));
        AssertRefused(flown, at: 5, 0xFF); // beyond the right edge
        AssertRefused(flown, at: 7, 0xFF); // beyond the lower edge
        AssertRefused(flown, at: 9, 0x7F); // faster than ships are
        AssertRefused(flown, at: 15, Pilot.HealthMax + 1);
        AssertRefused(flown, at: 16, (byte)Marks.All + 1);
        AssertRefused(flown, at: 0, 0);
        AssertRefused(flown, at: 0, 200);
        Assert.False(MessageFormat.TryDecode([], out _));
        Assert.False(MessageFormat.TryDecode([.. flown, 0], out _));
        Assert.False(MessageFormat.TryDecode(new byte[MessageFormat.LengthMax + 1], out _));
        Assert.All(Examples(), message => Assert.All(Enumerable.Range(0, MessageFormat.Encode(message).Length), length => Assert.False(MessageFormat.TryDecode(MessageFormat.Encode(message).AsSpan(0, length), out _))));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Hostile_bytes_are_refused_or_mean_something_within_bounds(int seed)
    {
        var random = new Random(seed);
        byte[][] examples = [.. Examples().Select(MessageFormat.Encode)];
        for (var i = 0; i < 20_000; i++)
        {
            byte[] bytes;
            if (i % 2 == 0)
            {
                bytes = new byte[random.Next(0, 80)];
                random.NextBytes(bytes);
                if (bytes.Length > 0)
                {
                    bytes[0] = (byte)random.Next(0, 10);
                }
            }
            else
            {
                bytes = [.. examples[random.Next(examples.Length)]];
                for (var change = random.Next(1, 4); change > 0; change--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }
            }

            if (MessageFormat.TryDecode(bytes, out var message))
            {
                AssertInBounds(message, seed);
            }
        }
    }

    private static void AssertInBounds(GameMessage message, int seed)
    {
        switch (message)
        {
            case GameMessage.Flown flown:
                AssertOnMap(flown.Flight.Place, seed);
                Assert.InRange(flown.Flight.Speed.Length, 0, Flight.SpeedMax + 1);
                Assert.InRange(flown.Flight.Heading, 0, Math.Tau);
                Assert.InRange(flown.Health, 0, Pilot.HealthMax);
                break;
            case GameMessage.Fired fired:
                AssertOnMap(fired.From, seed);
                break;
            case GameMessage.Hit hit:
                AssertOnMap(hit.Place, seed);
                Assert.InRange(hit.HealthLeft, 0, Pilot.HealthMax);
                break;
            case GameMessage.Stands { Standing: var standing }:
                AssertOnMap(standing.Place, seed);
                Assert.InRange(standing.Name.Length, 1, PlainText.NameLengthMax);
                Assert.DoesNotContain(standing.Name, char.IsControl);
                break;
            case GameMessage.Says says:
                Assert.InRange(says.Text.Length, 1, PlainText.TextLengthMax);
                Assert.DoesNotContain(says.Text, char.IsControl);
                break;
            default:
                break;
        }
    }

    private static void AssertOnMap(Vector place, int seed) =>
        Assert.True(place.X is >= 0 and < Map.Width && place.Y is >= 0 and < Map.Height && Area.All.Contains(Area.Of(place)), $"seed {seed}: {place} is not on the map");

    private static void AssertRefused(byte[] message, int at, int value)
    {
        byte[] changed = [.. message];
        changed[at] = (byte)value;
        Assert.False(MessageFormat.TryDecode(changed, out _), $"byte {at} = {value}");
    }

    private static IEnumerable<GameMessage> Examples() =>
    [
        new GameMessage.Flown(12.5, new Flight(new Vector(1600.0625, 999.5), new Vector(-100.25, 50.5), Math.PI), 3, Marks.Burning | Marks.Shielded),
        new GameMessage.Fired(uint.MaxValue, new Vector(0, 1999.9375), 0),
        new GameMessage.Hit(Somebody, 7, 0, new Vector(3199.9375, 0)),
        new GameMessage.Downed(Somebody),
        new GameMessage.Stands(new Standing("Ädä 🚀", 65_535, 3, true, new Vector(1, 2))),
        new GameMessage.Leaves(),
        new GameMessage.Says("Grace", "Hello, 世界! <b>&amp;</b>"),
        new GameMessage.Says(new string('€', PlainText.NameLengthMax), new string('€', PlainText.TextLengthMax)),
    ];
}
