using P2P.Pastry;

namespace Game.World;

/// <summary>Bounds how much of what each player says is shown: two lines a second in the long run, six at once.</summary>
internal sealed class WordsLimit
{
    public const double PerSecond = 2;

    public const double AtOnce = 6;

    private const int SpeakersMax = 1024;

    private readonly Dictionary<NodeId, (double Words, double At)> _speakers = [];

    /// <summary>Tells whether one more line of somebody is shown, and counts it.</summary>
    public bool TryTake(NodeId speaker, double now)
    {
        var (words, at) = _speakers.GetValueOrDefault(speaker, (AtOnce, now));
        words = Math.Min(AtOnce, words + ((now - at) * PerSecond));
        if (_speakers.Count >= SpeakersMax && !_speakers.ContainsKey(speaker))
        {
            // Whoever has said nothing for so long that all of its lines are there again need not be remembered.
            foreach (var (id, _) in _speakers.Where(other => other.Value.Words + ((now - other.Value.At) * PerSecond) >= AtOnce).ToArray())
            {
                _speakers.Remove(id);
            }

            if (_speakers.Count >= SpeakersMax)
            {
                return false;
            }
        }

        _speakers[speaker] = (words < 1 ? words : words - 1, now);
        return words >= 1;
    }
}
