namespace NodeSample;

/// <summary>Reports something that could not be done, in a sentence for the user.</summary>
internal sealed class FailedException(string message) : Exception(message);
