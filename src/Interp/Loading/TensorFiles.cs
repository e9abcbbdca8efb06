namespace Interp;

/// <summary>Opens files of tensors by what their names say they are.</summary>
internal static class TensorFiles
{
    /// <summary>Whether PyTorch's pickle is in a file of this name.</summary>
    public static bool IsPickle(string name) =>
        name.EndsWith(".bin", StringComparison.Ordinal) || name.EndsWith(".pt", StringComparison.Ordinal) || name.EndsWith(".pth", StringComparison.Ordinal);

    /// <exception cref="InvalidDataException">The file is a pickle and those were not asked for, or is damaged.</exception>
    public static ITensorFile Open(string path, bool allowPickle)
    {
        if (!IsPickle(path))
            return SafetensorsFile.Open(path);
        return allowPickle ? PickledTensors.Open(path) : throw new InvalidDataException(
            $"'{path}' is a pickle, which is read only when asked for: set {nameof(LoadOptions)}.{nameof(LoadOptions.AllowPickle)}, or take safetensors.");
    }
}
