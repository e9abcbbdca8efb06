namespace Interp.Notebooks.Tests.Samples;

using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Interp.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

/// <summary>A file of <c>samples/</c> as a program of its own process, over the library built here.</summary>
internal static partial class SampleProgram
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions Parse =
        CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14).WithFeatures([KeyValuePair.Create("FileBasedProgram", "true")]);

    /// <summary>Compiles the file as the SDK would, optimised, and runs it.</summary>
    /// <param name="file">The sample's path.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Outcome Run(string file, string folder, params IEnumerable<string> arguments)
    {
        // Beside the tests' own assembly, whose dependencies are the sample's.
        var program = Path.Combine(AppContext.BaseDirectory, $"sample.{Path.GetFileNameWithoutExtension(file)}.dll");
        Compile(file, program);
        var host = Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name!);
        return Start(folder, ["exec", "--runtimeconfig", $"{host}.runtimeconfig.json", "--depsfile", $"{host}.deps.json", program, .. arguments]);
    }

    /// <summary>Builds the file by the SDK, in Release, then runs it as it stands; the time is the run's alone.</summary>
    public static Outcome RunBySdk(string file, string folder, params IEnumerable<string> arguments)
    {
        var built = Start(folder, ["build", file, "-c", "Release", "-nologo", "-v", "q", "-clp:ErrorsOnly;NoSummary"]);
        return built.Code != 0 ? built : Start(folder, ["run", "--no-build", "-c", "Release", "--file", file, "--", .. arguments]);
    }

    private static void Compile(string file, string program)
    {
        var trees = new[] { CSharpSyntaxTree.ParseText(File.ReadAllText(file), Parse, file), CSharpSyntaxTree.ParseText(ImplicitUsings, Parse) };
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true);
        var result = CSharpCompilation.Create(Path.GetFileNameWithoutExtension(program), trees, references, options).Emit(program);
        // The repository's warnings are errors; a sample names few types of its own, which need no documentation.
        var wrong = result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error || (d.Severity == DiagnosticSeverity.Warning && Compiler().IsMatch(d.Id))).ToArray();
        if (wrong.Length > 0)
            throw new InvalidOperationException($"{Path.GetFileName(file)} does not compile:\n{string.Join('\n', wrong.Select(d => d.ToString()))}");
    }

    private static Outcome Start(string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // What a test run tells its own build is not meant for another.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        return new Outcome(process.ExitCode, output.Result, error.Result, watch.Elapsed);
    }

    // CS1701 and the like say that assemblies of the framework were built against older ones.
    [GeneratedRegex("^CS(?!170[12])")]
    private static partial Regex Compiler();

    internal sealed record Outcome(int Code, string Output, string Error, TimeSpan Time);
}
