namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A subspace of an activation's last axis, by an orthonormal basis. A value: it holds numbers, no tensors.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Subspace
{
    private const string Format = "interp.subspace/1";
    private readonly double[] basis;

    private Subspace(double[] basis, int width) => (this.basis, Width) = (basis, width);

    /// <summary>The length of the axis it lies in.</summary>
    public int Width { get; }

    /// <summary>Its dimensions.</summary>
    public int Size => basis.Length / Width;

    /// <summary>The span of directions; they are made orthonormal.</summary>
    /// <param name="directions">[width] or [size, width]. They stay the caller's.</param>
    /// <exception cref="ArgumentException">A direction is zero, not finite, or depends on the others.</exception>
    public static Subspace Of(Tensor directions)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var rows = (directions.dim() == 1 ? directions.unsqueeze(0) : directions).detach().to(ScalarType.Float64).cpu();
        Shape.Check(rows, "size width", nameof(directions));
        if (!rows.isfinite().all().ToBoolean())
            throw new ArgumentException("A direction holds NaN or infinite numbers.", nameof(directions));
        if (rows.shape[0] > rows.shape[1])
            throw new ArgumentException($"{rows.shape[0]} directions depend on each other in {rows.shape[1]} dimensions: give fewer.", nameof(directions));
        var lengths = rows.norm(1, keepdim: true);
        var (q, r) = linalg.qr((rows / lengths).t()); // [width, size]
        if (!(r.diagonal().abs().min().ToDouble() > 1e-10)) // also where a length is zero
            throw new ArgumentException("A direction is zero or depends on the others: leave it out.", nameof(directions));
        return new Subspace(q.t().Doubles(), (int)rows.shape[1]);
    }

    /// <summary>Some coordinates: neurons, or dimensions of a stream.</summary>
    /// <param name="width">The length of the axis.</param>
    /// <param name="places">Which places along it, each once.</param>
    /// <exception cref="ArgumentException">There is none, a place is outside of the axis or there twice.</exception>
    public static Subspace Coordinates(int width, params ReadOnlySpan<int> places)
    {
        var basis = new double[places.Length * width];
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i] < 0 || places[i] >= width || places[..i].Contains(places[i]))
                throw new ArgumentException($"Coordinate {places[i]} is outside of {width} or there twice.", nameof(places));
            basis[i * width + places[i]] = 1;
        }
        return places.Length > 0 ? new Subspace(basis, width) : throw new ArgumentException("Name at least one coordinate.", nameof(places));
    }

    /// <summary>A subspace in a random orientation, each equally likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is not between 1 and the width.</exception>
    public static Subspace Random(int width, int size, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, width);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        return Of(randn([size, width], dtype: ScalarType.Float64, generator: generator));
    }

    /// <summary>A vector of the basis, [width].</summary>
    public ReadOnlySpan<double> Basis(int index) => basis.AsSpan(index * Width, Width);

    /// <summary>The basis, [size, width]; the caller disposes it.</summary>
    public Tensor ToTensor(ScalarType dtype = ScalarType.Float64, Device? device = null)
    {
        using var scope = NewDisposeScope();
        return tensor(basis, [Size, Width], dtype: dtype, device: device).MoveToOuterDisposeScope();
    }

    /// <summary>Everything orthogonal to it.</summary>
    /// <exception cref="InvalidOperationException">It is the whole space.</exception>
    public Subspace Complement()
    {
        if (Size == Width)
            throw new InvalidOperationException("The subspace is the whole space: nothing is orthogonal to it.");
        using var scope = NewDisposeScope();
        var (q, _) = linalg.qr(ToTensor().t(), linalg.QRMode.Complete); // [width, width]
        return new Subspace(q.t().narrow(0, Size, Width - Size).Doubles(), Width);
    }

    /// <summary>The part of vectors that lies in it, P x.</summary>
    /// <param name="x">[.., width].</param>
    /// <returns>The same shape; the caller disposes it.</returns>
    public Tensor Project(Tensor x)
    {
        Check(x);
        using var scope = NewDisposeScope();
        var rows = ToTensor(x.dtype, x.device); // [size, width]
        return x.matmul(rows.t()).matmul(rows).MoveToOuterDisposeScope();
    }

    /// <summary>The cosines of the principal angles to another subspace, largest first: all 1 where one contains the other, all 0 where they are orthogonal.</summary>
    /// <exception cref="ArgumentException">The widths differ.</exception>
    public double[] Cosines(Subspace other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Width != Width)
            throw new ArgumentException($"The other subspace lies in {other.Width} dimensions, this one in {Width}.", nameof(other));
        using var scope = NewDisposeScope();
        return [.. linalg.svdvals(ToTensor().matmul(other.ToTensor().t())).Doubles().Select(c => Math.Min(c, 1))];
    }

    /// <summary>The intervention x + P (source - x): within the subspace the source's value, elsewhere the run's own.</summary>
    /// <param name="source">The unit's shape, or one that broadcasts to it. It stays the caller's and must outlive the run.</param>
    public IIntervention Patch(Tensor source) =>
        Interventions.Apply((x, _) => Patched(x, source), $"patch {this}");

    /// <summary>The intervention x - P x.</summary>
    public IIntervention Remove() => Interventions.Apply((x, _) => x - Project(x), $"remove {this}");

    /// <summary>Writes the basis as safetensors; <see cref="Load"/> gives it back bit for bit.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var scope = NewDisposeScope();
        Safetensors.Write(path, [("basis", ToTensor())], [new("format", Format)]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is no such file.</exception>
    public static Subspace Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format || !file.Contains("basis"))
            throw new InvalidDataException($"{path} is not a subspace: its format is '{file.Metadata.GetValueOrDefault("format")}', expected '{Format}'.");
        return new Subspace(file.ReadDoubles("basis"), (int)file.Entry("basis").Shape[1]);
    }

    /// <summary>Its size and the width: <c>subspace of 1 of 64 dimensions</c>.</summary>
    public override string ToString() => $"subspace of {Size} of {Width} dimensions";

    /// <summary>x + P (source - x).</summary>
    internal Tensor Patched(Tensor x, Tensor source) => x + Project(source.to(x.dtype) - x);

    private void Check(Tensor x)
    {
        if (x.shape[^1] != Width)
            throw new ArgumentException($"The {this} does not fit [{string.Join(", ", x.shape)}]: the last axis must be {Width} long.", nameof(x));
    }
}
