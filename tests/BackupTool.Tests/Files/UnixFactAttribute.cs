namespace BackupTool.Tests.Files;

/// <summary>Is a test of what only Unix has.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "Windows has neither rights nor owners that a backup keeps.";
        }
    }
}
