namespace PaperFigures.Experiments.Caching;

/// <summary>Says that a client asks for a file; the first time, it inserts the file.</summary>
/// <param name="File">The file's number, from 0, in the order of first references.</param>
/// <param name="Client">The client's number, from 0.</param>
internal readonly record struct Reference(int File, int Client);
