namespace PaperFigures.Experiments.Churn;

/// <summary>
/// Says how long nodes stay and how many there are, after the sets that MSPastry (2004) was measured with: sessions are Weibull with a given
/// mean and shape, the shape chosen so that the median is the measured one; the number of nodes goes up and down with the day.
/// </summary>
/// <param name="Name">What it is called.</param>
/// <param name="MeanSession">The mean session, in seconds.</param>
/// <param name="Shape">The Weibull shape: 1 is exponential, less has many short sessions and a few very long ones.</param>
/// <param name="DailyWave">By which part of the mean the number of nodes lies above and below it in the course of a day.</param>
internal sealed record SessionTrace(string Name, double MeanSession, double Shape, double DailyWave)
{
    private const double Day = 86_400;

    /// <summary>The sets that were measured: what their owners told of means, medians and numbers of nodes.</summary>
    public static IReadOnlyList<SessionTrace> Measured { get; } =
    [
        new("gnutella", MeanSession: 2.3 * 3600, Shape: 0.667, DailyWave: 0.35),
        new("overnet", MeanSession: 134 * 60, Shape: 0.845, DailyWave: 0.43),
        new("corporate", MeanSession: 37.7 * 3600, Shape: 1, DailyWave: 0.03),
    ];

    private readonly double _scale = MeanSession / Gamma(1 + 1 / Shape);

    /// <summary>Draws a session, in seconds, from a number between 0 and 1, both excluded.</summary>
    public double Session(double uniform) => _scale * Math.Pow(-Math.Log(uniform), 1 / Shape);

    /// <summary>Tells how many nodes there are, of a mean number, so many seconds after the begin.</summary>
    public double Population(double mean, double seconds) => mean * (1 + DailyWave * Math.Sin(2 * Math.PI * seconds / Day));

    /// <summary>Lanczos' approximation, to ten digits for what is needed here.</summary>
    private static double Gamma(double x)
    {
        double[] coefficients = [76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5];
        var series = 1.000000000190015;
        for (var i = 0; i < coefficients.Length; i++)
        {
            series += coefficients[i] / (x + i + 1);
        }

        var shifted = x + 5.5;
        return Math.Exp((x + 0.5) * Math.Log(shifted) - shifted + Math.Log(2.5066282746310005 * series / x));
    }
}
