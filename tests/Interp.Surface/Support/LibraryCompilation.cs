namespace Interp.Surface.Support;

using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

/// <summary>Compiles the sources of <c>src/Interp</c> in memory, against a torch of the caller's choice.</summary>
internal static class LibraryCompilation
{
    /// <summary>What the SDK imports into every C# file.</summary>
    public const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;\n";

    /// <summary>The library over the repository's own Interp.Torch, read once.</summary>
    public static CSharpCompilation OverSystemTorch => SystemTorch.Value;

    private static readonly Lazy<CSharpCompilation> SystemTorch = new(() => Create([MetadataReference.CreateFromFile(InterpTorch)]));

    /// <summary>The built Interp.Torch.dll.</summary>
    public static string InterpTorch => Path.Combine(AppContext.BaseDirectory, "Interp.Torch.dll");

    /// <summary>The framework's assemblies and the library's packages, without any torch.</summary>
    public static IReadOnlyList<MetadataReference> Framework { get; } = FrameworkReferences();

    /// <summary>The library's sources over the given torch assembly, source generators run.</summary>
    public static CSharpCompilation Create(IEnumerable<MetadataReference> torch, params string[] symbols)
    {
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14).WithPreprocessorSymbols(symbols);
        var trees = Checkout
            .Sources(Checkout.Library)
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), parse, file))
            .Append(CSharpSyntaxTree.ParseText(ImplicitUsings + ProjectUsings(), parse, "GlobalUsings.cs"));
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            nullableContextOptions: NullableContextOptions.Enable
        ).WithAllowUnsafe(true);
        var compilation = CSharpCompilation.Create("Interp", trees, [.. Framework, .. torch], options);
        CSharpGeneratorDriver
            .Create(Generators(), parseOptions: parse)
            .RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _);
        return (CSharpCompilation)generated;
    }

    /// <summary>The errors of a compilation, one line each.</summary>
    public static IReadOnlyList<string> Errors(Compilation compilation) =>
        [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(Describe)];

    /// <summary>A diagnostic as <c>file(line): CSnnnn message</c>.</summary>
    public static string Describe(Diagnostic diagnostic)
    {
        var span = diagnostic.Location.GetLineSpan();
        var file = span.Path is { Length: > 0 } path ? Path.GetRelativePath(Checkout.Root, path) : "";
        return $"{file}({span.StartLinePosition.Line + 1}): {diagnostic.Id} {diagnostic.GetMessage()}";
    }

    private static List<MetadataReference> FrameworkReferences()
    {
        var shared = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] packages = ["MathNet.Numerics.dll"];
        return
        [
            .. Directory
                .EnumerateFiles(shared, "*.dll")
                .Where(IsManaged)
                .Concat(packages.Select(name => Path.Combine(AppContext.BaseDirectory, name)).Where(File.Exists))
                .Select(file => MetadataReference.CreateFromFile(file)),
        ];
    }

    private static bool IsManaged(string file)
    {
        try
        {
            AssemblyName.GetAssemblyName(file);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }

    // <Using Include="..." /> items of the project are global usings too.
    private static string ProjectUsings() =>
        string.Concat(
            XDocument
                .Load(Path.Combine(Checkout.Library, "Interp.csproj"))
                .Descendants("Using")
                .Where(item => item.Attribute("Include") is not null)
                .Select(item =>
                    item switch
                    {
                        _ when item.Attribute("Alias") is { } alias =>
                            $"global using {alias.Value} = {item.Attribute("Include")!.Value};\n",
                        _ when (string?)item.Attribute("Static") is "true" or "True" =>
                            $"global using static {item.Attribute("Include")!.Value};\n",
                        _ => $"global using {item.Attribute("Include")!.Value};\n",
                    }
                )
        );

    /// <summary>The framework's reference assemblies, which projects are compiled against.</summary>
    public static IEnumerable<MetadataReference> ReferenceAssemblies() =>
        Directory.EnumerateFiles(Path.Combine(ReferencePack(), "ref", "net10.0"), "*.dll").Select(file => MetadataReference.CreateFromFile(file));

    // The framework's own source generators (regular expressions, JSON, interop) stand beside its reference assemblies.
    private static IEnumerable<ISourceGenerator> Generators()
    {
        var folder = Path.Combine(ReferencePack(), "analyzers", "dotnet", "cs");
        return !Directory.Exists(folder)
            ? []
            : Directory
                .EnumerateFiles(folder, "*.dll")
                .SelectMany(file => new AnalyzerFileReference(file, Loader.Instance).GetGenerators(LanguageNames.CSharp));
    }

    private static string ReferencePack()
    {
        var packs = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../../packs/Microsoft.NETCore.App.Ref")
        );
        return (Directory.Exists(packs) ? Directory.EnumerateDirectories(packs, "10.*").Order(StringComparer.Ordinal).LastOrDefault() : null) ?? packs;
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public static Loader Instance { get; } = new();

        public void AddDependencyLocation(string fullPath) { }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
