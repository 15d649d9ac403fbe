using System.Text.Json;
using Game.World;
using P2P.Pastry;

namespace Game.Web;

/// <summary>Writes what a page is told; wwwroot/link.js reads it.</summary>
internal static class PageWords
{
    /// <summary>More than these are not listed; the small map shows all.</summary>
    private const int ListedMax = 12;

    public static bool Greet(Utf8JsonWriter writer, Scene scene)
    {
        writer.WriteString("you", scene.Id.ToString());
        writer.WriteString("name", scene.Own.Name);
        writer.WriteStartArray("map");
        writer.WriteNumberValue(Map.Width);
        writer.WriteNumberValue(Map.Height);
        writer.WriteNumberValue(Area.Size);
        writer.WriteEndArray();
        writer.WriteStartObject("shot");
        writer.WriteNumber("speed", Shot.Speed);
        writer.WriteNumber("lifetime", Shot.Lifetime);
        writer.WriteEndObject();
        return ShowBoard(writer, scene);
    }

    /// <summary>Shows who plays and how they stand.</summary>
    public static bool ShowBoard(Utf8JsonWriter writer, Scene scene)
    {
        writer.WriteStartArray("board");
        var rank = 0;
        foreach (var (id, standing) in scene.Scores.Best)
        {
            writer.WriteStartObject();
            writer.WriteString("id", id.ToString());
            writer.WriteString("name", standing.Name);
            writer.WriteNumber("score", standing.Score);
            writer.WriteNumber("losses", standing.Losses);
            writer.WriteBoolean("bot", standing.IsBot);
            writer.WriteBoolean("listed", rank++ < ListedMax || id == scene.Id);
            Write(writer, standing.Place);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        return true;
    }

    public static void Tell(Utf8JsonWriter writer, Happening happening)
    {
        writer.WriteStartObject();
        switch (happening)
        {
            case Happening.Flew flew:
                writer.WriteString("kind", "own");
                writer.WriteNumber("press", flew.Press);
                writer.WriteNumber("steps", flew.StepsSincePress);
                Write(writer, flew.Flight, flew.Health, flew.Marks);
                break;
            case Happening.Moved { Other: var other }:
                writer.WriteString("kind", "moved");
                writer.WriteString("id", other.Id.ToString());
                writer.WriteNumber("at", Math.Round(other.SaidAt, 4));
                Write(writer, other.Flight, other.Health, other.Marks);
                break;
            case Happening.OutOfSight { Id: var id }:
                writer.WriteString("kind", "lost");
                writer.WriteString("id", id.ToString());
                break;
            case Happening.Fired { Shot: var shot }:
                writer.WriteString("kind", "fired");
                writer.WriteString("id", shot.By.ToString());
                writer.WriteNumber("number", shot.Number);
                writer.WriteNumber("heading", Math.Round(shot.Heading, 4));
                Write(writer, shot.From);
                break;
            case Happening.Hit hit:
                writer.WriteString("kind", "hit");
                writer.WriteString("id", hit.Target.ToString());
                writer.WriteString("by", hit.By.ToString());
                writer.WriteNumber("number", hit.Number);
                writer.WriteNumber("left", hit.HealthLeft);
                Write(writer, hit.Place);
                break;
            case Happening.Downed downed:
                writer.WriteString("kind", "downed");
                writer.WriteString("id", downed.Target.ToString());
                writer.WriteString("by", downed.By.ToString());
                break;
            case Happening.Arrived arrived:
                Write(writer, "arrived", arrived.Id, arrived.Name);
                break;
            case Happening.Gone gone:
                Write(writer, "gone", gone.Id, gone.Name);
                break;
            case Happening.Said said:
                Write(writer, "said", said.Id, said.Name);
                writer.WriteString("text", said.Text);
                break;
            default:
                break;
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string kind, NodeId id, string name)
    {
        writer.WriteString("kind", kind);
        writer.WriteString("id", id.ToString());
        writer.WriteString("name", name);
    }

    private static void Write(Utf8JsonWriter writer, Flight flight, int health, Marks marks)
    {
        Write(writer, flight.Place);
        writer.WriteNumber("vx", Math.Round(flight.Speed.X, 2));
        writer.WriteNumber("vy", Math.Round(flight.Speed.Y, 2));
        writer.WriteNumber("heading", Math.Round(flight.Heading, 4));
        writer.WriteNumber("health", health);
        writer.WriteBoolean("burns", marks.HasFlag(Marks.Burning));
        writer.WriteBoolean("shielded", marks.HasFlag(Marks.Shielded));
    }

    private static void Write(Utf8JsonWriter writer, Vector place)
    {
        writer.WriteNumber("x", Math.Round(place.X, 2));
        writer.WriteNumber("y", Math.Round(place.Y, 2));
    }
}
