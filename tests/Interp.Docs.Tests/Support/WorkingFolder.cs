namespace Interp.Docs.Tests.Support;

using Interp.Surface.Support;

/// <summary>A temporary folder that the process works in, with the optional data beside it as <c>../shared</c>, and what is printed meanwhile.</summary>
internal sealed class WorkingFolder : IDisposable
{
    private readonly string before = Directory.GetCurrentDirectory();
    private readonly TextWriter console = Console.Out;
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("interp-docs-");
    private readonly StringWriter printed = new();
    private readonly Dictionary<string, string?> environment = Variables();

    public WorkingFolder()
    {
        var data = Path.GetFullPath(Path.Combine(Checkout.Root, "..", "shared"));
        if (Directory.Exists(data))
            Directory.CreateSymbolicLink(Path.Combine(root.FullName, "shared"), data);
        Directory.SetCurrentDirectory(root.CreateSubdirectory("work").FullName);
        Console.SetOut(TextWriter.Synchronized(printed));
    }

    /// <summary>What was printed so far.</summary>
    public string Printed => printed.ToString();

    public void Dispose()
    {
        Console.SetOut(console);
        foreach (var name in Variables().Keys.Union(environment.Keys))
            Environment.SetEnvironmentVariable(name, environment.GetValueOrDefault(name));
        Directory.SetCurrentDirectory(before);
        // models of a page that nobody disposed may still map files in it; on Unix that is no obstacle
        root.Delete(recursive: true);
    }

    private static Dictionary<string, string?> Variables() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);
}
