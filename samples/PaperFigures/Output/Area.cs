namespace PaperFigures.Output;

/// <summary>Is a part of a picture.</summary>
internal readonly record struct Area(double X, double Y, double Width, double Height)
{
    public double Right => X + Width;

    public double Bottom => Y + Height;
}
