namespace Interp.Docs.Tests.Support;

using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

/// <summary>Blocks of one page that share their variables, as one program: using directives, statements in order, types.</summary>
internal sealed class DocsProgram
{
    // What the SDK imports into every C# file.
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;\n";

    private static readonly CSharpParseOptions Parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14);
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Page",
        [CSharpSyntaxTree.ParseText(ImplicitUsings, Parse)],
        References(),
        new CSharpCompilationOptions(OutputKind.ConsoleApplication, allowUnsafe: true)
    );

    private readonly string page;
    private readonly ImmutableArray<DocsBlock> blocks;

    private DocsProgram(string page, ImmutableArray<DocsBlock> blocks)
    {
        this.page = page;
        this.blocks = blocks;
    }

    /// <summary>A page's programs: a block goes on with the program above it where the two compile together, and else begins one.</summary>
    /// <returns>The programs to run, and what does not compile, also of blocks that are not run.</returns>
    public static (IReadOnlyList<DocsProgram> Programs, IReadOnlyList<string> Errors) Of(DocsPage page)
    {
        var whole = new DocsProgram(page.Name, page.Blocks);
        if (page.Blocks.All(block => block.NotRun is null) && whole.Errors().Count == 0)
            return ([whole], []);
        var programs = new List<DocsProgram> { new(page.Name, []) };
        var errors = new List<string>();
        foreach (var block in page.Blocks)
        {
            var (together, alone) = (programs[^1].With(block), new DocsProgram(page.Name, [block]));
            if (together.Errors() is not { Count: > 0 } failures)
                Keep(block, () => programs[^1] = together);
            else if (alone.Errors().Count == 0)
                Keep(block, () => programs.Add(alone));
            else
                errors.AddRange(failures.Take(3));
        }
        return ([.. programs.Where(program => program.blocks.Length > 0)], errors);

        static void Keep(DocsBlock block, Action keep)
        {
            if (block.NotRun is null)
                keep();
        }
    }

    /// <summary>Compiles and runs the program in this process, in its working folder.</summary>
    public void Run()
    {
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = Compilation().Emit(image, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        if (!result.Success)
            throw new InvalidOperationException(string.Join('\n', Messages(result.Diagnostics)));
        var entry = Assembly.Load(image.ToArray(), symbols.ToArray()).EntryPoint!;
        try
        {
            entry.Invoke(null, entry.GetParameters().Length == 0 ? [] : [Array.Empty<string>()]);
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
        }
    }

    private DocsProgram With(DocsBlock block) => new(page, blocks.Add(block));

    private IReadOnlyList<string> Errors() => Messages(Compilation().GetDiagnostics());

    private static string[] Messages(IEnumerable<Diagnostic> diagnostics) =>
        [.. diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => $"{d.Location.GetMappedLineSpan().Path}({d.Location.GetMappedLineSpan().StartLinePosition.Line + 1}): {d.GetMessage()}")];

    private CSharpCompilation Compilation() =>
        Empty.AddSyntaxTrees(CSharpSyntaxTree.ParseText(SourceText.From(Source(), Encoding.UTF8), Parse, $"{page}.cs"));

    private string Source()
    {
        var usings = new List<string>();
        var (statements, types) = (new StringBuilder(), new StringBuilder());
        foreach (var block in blocks)
        {
            var root = CSharpSyntaxTree.ParseText(block.Code, Parse).GetCompilationUnitRoot();
            usings.AddRange(root.Usings.Select(directive => directive.ToString()));
            foreach (var member in root.Members)
                Append(member is GlobalStatementSyntax ? statements : types, block, member);
        }
        return $"{string.Join('\n', usings.Distinct())}\n{statements}{types}";
    }

    // Errors and stack traces name the page's line.
    private void Append(StringBuilder target, DocsBlock block, MemberDeclarationSyntax member)
    {
        var line = block.Line + member.SyntaxTree.GetLineSpan(member.FullSpan).StartLinePosition.Line;
        target.Append($"#line {line} \"{page}\"\n").Append(member.ToFullString()).Append('\n');
    }

    private static IEnumerable<MetadataReference> References()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] own = ["Interp.dll", "Interp.Torch.dll", "TorchSharp.dll", "MathNet.Numerics.dll"];
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(file => Path.GetDirectoryName(file) == framework || own.Contains(Path.GetFileName(file)))
            .Select(file => MetadataReference.CreateFromFile(file));
    }
}
