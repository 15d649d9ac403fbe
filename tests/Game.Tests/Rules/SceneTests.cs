using Game.World;
using P2P.Pastry;

namespace Game.Tests.Rules;

/// <summary>Who is hit decides that it was hit, and what others say is shown within bounds.</summary>
public sealed class SceneTests
{
    private static readonly NodeId Me = NodeId.FromText("me");
    private static readonly NodeId You = NodeId.FromText("you");
    private static readonly Vector Middle = new(1000, 1000);

    [Fact]
    public void A_shot_that_passes_through_a_ship_between_two_looks_hits_it()
    {
        var shot = new Shot(You, 1, new Vector(900, 1000), 0, Since: 10);
        Assert.True(shot.Hits(Middle, before: 10, now: 10.4));
        Assert.False(shot.Hits(Middle, before: 10, now: 10.1));
        Assert.False(shot.Hits(Middle + new Vector(0, Shot.Radius + 1), before: 10, now: 10.4));
        Assert.True(new Shot(You, 1, new Vector(Map.Width - 50, 5), 0, 10).Hits(new Vector(50, 5), 10, 10.4));
    }

    [Fact]
    public void A_ship_that_has_just_come_is_shielded_then_stands_three_hits_and_comes_back()
    {
        var scene = NewScene();
        Hit(scene, number: 1, at: 1);
        Assert.Equal(Pilot.HealthMax, scene.Pilot.Health);
        var news = new List<Happening>();
        for (var i = 0u; i < Pilot.HealthMax; i++)
        {
            news.AddRange(Hit(scene, number: 2 + i, at: 3 + i));
        }

        Assert.True(scene.Pilot.IsDown);
        Assert.Equal([2, 1, 0], news.OfType<Happening.Hit>().Select(hit => hit.HealthLeft));
        Assert.Equal(new Happening.Downed(Me, You), Assert.Single(news.OfType<Happening.Downed>()));
        Assert.Equal(1, scene.Own.Losses);
        Advance(scene, 5.5, 8.5);
        Assert.Equal(Pilot.HealthMax, scene.Pilot.Health);
        Assert.True(scene.Pilot.IsShielded);
    }

    [Fact]
    public void One_shot_hits_once()
    {
        var scene = NewScene();
        Advance(scene, 0, 3);
        scene.TakeShot(You, 7, scene.Pilot.Flight.Place, 0, 3);
        Advance(scene, 3, 4);
        Assert.Equal(Pilot.HealthMax - 1, scene.Pilot.Health);
    }

    [Fact]
    public void Nobody_fires_faster_than_guns_load()
    {
        var scene = NewScene();
        for (var i = 0u; i < 100; i++)
        {
            scene.TakeShot(You, i, Middle, 0, 5 + (i * 0.001));
        }

        Assert.InRange(scene.Shots.Count, 1, 2);
        Advance(scene, 0, 6);
        scene.Pilot.Take(Buttons.Fire, press: 1);
        var fired = Advance(scene, 6.05, 7).OfType<Happening.Fired>().Count();
        Assert.InRange(fired, 3, 5);
    }

    [Fact]
    public void The_score_counts_for_whom_the_one_who_was_shot_down_names()
    {
        var scene = NewScene();
        Assert.False(scene.TakeDowned(target: Me, by: You, now: 1));
        Assert.False(scene.TakeDowned(target: You, by: You, now: 1));
        Assert.True(scene.TakeDowned(target: You, by: Me, now: 4));
        Assert.Equal(1, scene.Own.Score);
    }

    [Fact]
    public void Nobody_is_shot_down_more_often_than_ships_come_back()
    {
        var scene = NewScene();
        for (var i = 0; i < 100; i++)
        {
            scene.TakeDowned(target: You, by: Me, now: 10 + (i * 0.01));
        }

        Assert.Equal(1, scene.Own.Score);
    }

    [Fact]
    public void What_is_said_too_fast_is_not_shown_and_a_name_that_two_have_is_told_apart()
    {
        var scene = NewScene();
        var said = new List<Happening>();
        scene.Happened += said.Add;
        scene.TakeStanding(You, new Standing("Grace", 0, 0, false, Middle), now: 1);
        scene.TakeWords(You, "Somebody else", "hello", now: 1);
        Assert.Equal("Grace", Assert.Single(said.OfType<Happening.Said>()).Name);

        var impostor = NodeId.FromText("impostor");
        scene.TakeStanding(impostor, new Standing("Grace", 0, 0, false, Middle), now: 1);
        scene.TakeWords(impostor, "Grace", "hello", now: 1);
        Assert.Equal($"Grace ({impostor.ToString()[..4]})", said.OfType<Happening.Said>().Last().Name);

        for (var i = 0; i < 100; i++)
        {
            scene.TakeWords(You, "Grace", "again", now: 2 + (i * 0.01));
        }

        Assert.InRange(said.OfType<Happening.Said>().Count(), 2 + 5, 2 + 8);
    }

    [Fact]
    public void Who_goes_and_comes_all_the_time_is_announced_once()
    {
        var scene = NewScene();
        var arrived = 0;
        scene.Happened += happening => arrived += happening is Happening.Arrived ? 1 : 0;
        for (var i = 0; i < 50; i++)
        {
            scene.TakeStanding(You, new Standing("Grace", 0, 0, false, Middle), now: 1 + (i * 0.1));
            scene.TakeFarewell(You);
        }

        Assert.Equal(1, arrived);
    }

    [Fact]
    public void Others_are_as_many_as_fit_and_go_out_of_sight_when_they_are_silent()
    {
        var scene = NewScene();
        for (var i = 0; i < 2000; i++)
        {
            scene.TakeFlight(NodeId.FromText($"{i}"), new Flight(Middle, default, 0), 3, Marks.None, saidAt: 1, now: 1);
            scene.TakeStanding(NodeId.FromText($"{i}"), new Standing($"{i}", 0, 0, true, Middle), now: 1);
        }

        Assert.Equal(512, scene.Others.Count);
        Assert.Equal(512, scene.Scores.Count);
        Advance(scene, 1, 1 + Scene.SightPatience + 0.1);
        Assert.Empty(scene.Others);
        Assert.Equal(512, scene.Scores.Count);
        Advance(scene, 4, 1 + Scoreboard.Patience + 0.1);
        Assert.Equal(0, scene.Scores.Count);
    }

    [Fact]
    public void What_is_older_than_what_is_known_is_not_shown()
    {
        var scene = NewScene();
        scene.TakeFlight(You, new Flight(Middle, default, 0), 3, Marks.None, saidAt: 8, now: 1);
        scene.TakeFlight(You, new Flight(default, default, 0), 3, Marks.None, saidAt: 7, now: 1.1);
        Assert.Equal(Middle, Assert.Single(scene.Others).Flight.Place);
    }

    [Fact]
    public void Nobody_speaks_for_one_self()
    {
        var scene = NewScene();
        scene.TakeFlight(Me, new Flight(default, default, 0), 0, Marks.None, 1, 1);
        scene.TakeHit(Me, You, 1, 0, Middle);
        scene.TakeFarewell(Me);
        Assert.Empty(scene.Others);
        Assert.Equal(Pilot.HealthMax, scene.Pilot.Health);
    }

    [Fact]
    public void An_autopilot_shoots_down_who_holds_still()
    {
        var random = new Random(5);
        var pilot = new Autopilot(random);
        var scene = NewScene();
        var prey = new Flight(Middle + new Vector(200, 120), default, 0);
        var hits = 0;
        for (var now = 0.0; now < 20; now += 0.05)
        {
            scene.TakeFlight(You, prey, 3, Marks.None, now, now);
            scene.Pilot.Take(pilot.Decide(scene, now), press: 0);
            scene.Advance(now);
            hits += scene.Shots.Count(shot => shot.By == Me && shot.Hits(prey.Place, now - 0.05, now));
        }

        Assert.InRange(hits, Pilot.HealthMax, 1000);
    }

    private static Scene NewScene() => new(Me, "me", isBot: false, new Pilot(Me, Middle, now: 0, new Random(1)));

    private static List<Happening> Hit(Scene scene, uint number, double at)
    {
        Advance(scene, at - 1, at);
        scene.TakeShot(You, number, scene.Pilot.Flight.Place, 0, at);
        return Advance(scene, at, at + 0.2);
    }

    private static List<Happening> Advance(Scene scene, double from, double to)
    {
        var news = new List<Happening>();
        for (var now = from; now <= to + 1e-9; now += 0.05)
        {
            news.AddRange(scene.Advance(now));
        }

        return news;
    }
}
